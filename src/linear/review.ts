import {isEmpty, planChanges} from '../core/plan.js';
import {type Detected, isDetected, stepOf} from '../session/places.js';
import {ownersOf, reviewLines} from '../session/review-lines.js';
import {type Linear, obey} from './steering.js';

/** The review as text, then what to do with it; the changes need the whole word “yes”. */
export const reviewScreen = async (linear: Linear): Promise<void> => {
  const {session, prompter, say, t} = linear;
  const state = session.state();
  if (state.screen.at !== 'review' || !isDetected(state)) {
    return;
  }

  const {plan, saved, confirming} = state.screen;
  if (confirming) {
    return confirmScreen(linear);
  }

  if (saved === undefined) {
    printReview(linear, state);
  } else {
    say(saved[linear.lang]);
  }

  const nothing = isEmpty(plan);
  const reply = await prompter.choose({
    message: t('chooseHint'),
    options: [
      {
        value: 'accept',
        label: t(nothing ? 'finish' : state.request.dryRun ? 'confirmDryYes' : 'confirmYes'),
      },
      ...(nothing ? [] : [{value: 'leave-out', label: t('leaveOut')}]),
      ...(state.leftOut.length === 0 ? [] : [{value: 'put-back', label: t('putBack')}]),
      ...(nothing ? [] : [{value: 'save', label: t('saveTo')}]),
      {value: 'back', label: t('goBack')},
      {value: 'quit', label: t('quit')},
    ],
  });
  const choice = 'value' in reply ? reply.value : 'command' in reply ? reply.command : 'gone';
  switch (choice) {
    case 'accept':
      return session.dispatch({type: 'accept'});
    case 'leave-out':
    case 'put-back':
      return pickSection(linear, state, choice);
    case 'save':
      return saveDiff(linear);
    case 'back':
      return session.dispatch({type: 'back'});
    default:
      return obey(linear, choice === 'quit' ? 'quit' : undefined);
  }
};

const printReview = ({session, say, t, lang}: Linear, state: Detected) => {
  const {screen, overruled, leftOut} = session.state();
  if (screen.at !== 'review') {
    return;
  }

  const titleOf = (section: string) => stepOf(state, section)?.title[lang] ?? section;
  say();
  say(`== ${t('reviewTitle')} ==`);
  for (const {tone, text} of reviewLines(screen.plan, Object.values(overruled).flat(), titleOf, lang)) {
    say(tone === 'heading' ? `-- ${text} --` : text);
  }

  if (leftOut.length > 0) {
    say(t('leftOut', {sections: leftOut.map(titleOf).join(', ')}));
  }
};

// A choice that is one key away could be hit by accident, or by a paste: a word cannot.
const confirmScreen = async ({session, prompter, say, t}: Linear) => {
  const state = session.state();
  if (state.screen.at !== 'review') {
    return;
  }

  if (state.request.dryRun) {
    say(t('confirmDry'));
    return session.dispatch({type: 'confirm'});
  }

  say(t('confirmTitle', {n: planChanges(state.screen.plan).length}));
  say(t('confirmHint'));
  const reply = await prompter.text({message: t('typeYes')});
  const yes = 'value' in reply && reply.value.trim().toLowerCase() === 'yes';
  session.dispatch({type: yes ? 'confirm' : 'decline'});
};

const pickSection = async (
  {session, prompter, t, lang}: Linear,
  state: Detected,
  type: 'leave-out' | 'put-back',
) => {
  if (state.screen.at !== 'review') {
    return;
  }

  const ids = type === 'put-back' ? state.leftOut : ownersOf(state.screen.plan).map(({section}) => section);
  const reply = await prompter.choose({
    message: type === 'put-back' ? t('putBack') : t('leaveOut'),
    options: ids.map(id => ({value: id, label: stepOf(state, id)?.title[lang] ?? id})),
  });
  if ('value' in reply) {
    session.dispatch({type, section: reply.value});
  }
};

const saveDiff = async ({session, prompter, t}: Linear) => {
  const reply = await prompter.text({message: t('saveTo'), initial: '/root/dovetail.diff'});
  if (!('value' in reply) || reply.value === '') {
    return;
  }

  const saved = new Promise<void>(resolve => {
    const stop = session.subscribe(() => {
      stop();
      resolve();
    });
  });
  session.dispatch({type: 'save-diff', path: reply.value});
  await saved;
};
