import {visibleLine} from '../core/text.js';
import {contextOf, decidedOf, effectiveValue, isDetected, questionOf} from '../session/places.js';
import {findingLines} from '../session/review-lines.js';
import type {Place} from '../session/state.js';
import {valueText} from '../session/values.js';
import {leftScreen, type Linear, obey} from './steering.js';

/** Everything that was decided by default, each open to change. */
export const decidedScreen = async (linear: Linear) => {
  const {session, prompter, say, t, lang} = linear;
  const state = session.state();
  if (!isDetected(state)) {
    return;
  }

  say();
  say(`== ${t('decidedTitle')} ==`);
  say(t('decidedHint'));
  const context = contextOf(state);
  const reply = await prompter.choose<Place | 'plan'>({
    message: t('chooseHint'),
    options: [
      {value: 'plan', label: t('showChanges')},
      ...decidedOf(state, context).map(place => {
        const question = questionOf(state, place);
        const value =
          question === undefined ? '' : valueText(question, effectiveValue(state, place, context), lang);
        return {value: place, label: `${question?.ask[lang]} ${value}`};
      }),
    ],
    initial: 'plan',
  });
  if (!('value' in reply)) {
    return obey(linear, 'command' in reply ? reply.command : undefined);
  }

  session.dispatch(reply.value === 'plan' ? {type: 'plan'} : {type: 'open', place: reply.value});
};

/** Waits for the plan and prints what is being done for it. */
export const planningScreen = async (linear: Linear) => {
  const {session, say, t} = linear;
  say();
  say(t('planning'));
  say(t('planningHint'));
  let printed = 0;
  const stop = session.subscribe(() => {
    const {screen} = session.state();
    if (screen.at === 'planning') {
      screen.lines.slice(printed).forEach(line => void say(`    ${visibleLine(line)}`));
      printed = screen.lines.length;
    }
  });
  await leftScreen(linear, 'planning');
  stop();
};

/** Why there is no plan, and the way to the question that would change it. */
export const refusedScreen = async (linear: Linear) => {
  const {session, prompter, say, t, lang} = linear;
  const {screen} = session.state();
  if (screen.at !== 'refused') {
    return;
  }

  say(t('refusedTitle'));
  for (const finding of screen.findings) {
    findingLines(finding, lang).forEach(({text}) => void say(text));
  }

  const asked = screen.findings.find(
    ({section, question}) => section !== undefined && question !== undefined,
  );
  const reply = await prompter.choose({
    message: t('chooseHint'),
    options: [
      ...(asked === undefined ? [] : [{value: 'open', label: t('goToQuestion')}]),
      {value: 'back', label: t('goBack')},
      {value: 'quit', label: t('quit')},
    ],
  });
  const choice = 'value' in reply ? reply.value : 'command' in reply ? reply.command : 'gone';
  if (choice === 'open' && asked?.section !== undefined && asked.question !== undefined) {
    session.dispatch({type: 'open', place: {section: asked.section, question: asked.question}});
  } else if (choice === 'back') {
    session.dispatch({type: 'back'});
  } else {
    await obey(linear, choice === 'quit' ? 'quit' : undefined);
  }
};
