import type {Lang} from '../core/text.js';
import {isDetected, sectionsOf} from '../session/places.js';
import type {Session} from '../session/runner.js';
import type {State} from '../session/state.js';
import type {Asking} from './ask.js';
import type {Command} from './prompter.js';

/** What every line screen is given. */
export type Linear = Asking & {readonly session: Session; readonly lang: Lang};

export type At = Exclude<State['screen']['at'], 'ended'>;

/** Waits until the session shows another screen. */
export const leftScreen = ({session}: Linear, at: At): Promise<void> =>
  new Promise(resolve => {
    const check = () => {
      if (session.state().screen.at !== at) {
        stop();
        resolve();
      }
    };
    const stop = session.subscribe(check);
    check();
  });

/** Waits for the next change of the session. */
export const changed = (session: Session) =>
  new Promise<void>(resolve => {
    const stop = session.subscribe(() => {
      stop();
      resolve();
    });
  });

/** Does what a command says; the input's end means to leave with the answers kept. */
export const obey = async (linear: Linear, command: Command | undefined): Promise<void> => {
  const {session, prompter, t, lang} = linear;
  const state = session.state();
  switch (command) {
    case 'back':
      return session.dispatch({type: 'back'});
    case 'skip':
      return session.dispatch({type: 'forward'});
    case 'sections': {
      if (!isDetected(state)) {
        return;
      }

      const reply = await prompter.choose({
        message: t('sections'),
        options: sectionsOf(state).map(({id, title}) => ({value: id, label: title[lang]})),
      });
      return 'value' in reply ? session.dispatch({type: 'jump', section: reply.value}) : undefined;
    }

    case 'quit': {
      const reply = await prompter.choose({
        message: t('quitTitle'),
        options: [
          {value: 'save', label: t('quitSave')},
          {value: 'drop', label: t('quitDrop')},
          {value: 'stay', label: t('stay')},
        ],
        initial: 'save',
      });
      const choice = 'value' in reply ? reply.value : 'save';
      return choice === 'stay' ? undefined : session.dispatch({type: 'leave', save: choice === 'save'});
    }

    default:
      return session.dispatch({type: 'leave', save: true});
  }
};
