import {cautionOf, type Detected, flowOf, isDetected, questionOf, stepOf} from '../session/places.js';
import {findingLines} from '../session/review-lines.js';
import {type Place, placeKey, type State} from '../session/state.js';
import {askValue} from './ask.js';
import {changed, type Linear, obey} from './steering.js';

/** One question: where we are, what is asked and why, then the answer or what a test of it found. */
export const questionScreen = async (linear: Linear) => {
  const {session, say, t, lang} = linear;
  const state = session.state();
  const question =
    isDetected(state) && state.screen.at === 'question' ? questionOf(state, state.screen.place) : undefined;
  if (!isDetected(state) || state.screen.at !== 'question' || question === undefined) {
    return;
  }

  const {place} = state.screen;
  if (state.live !== undefined) {
    return liveScreen(linear, state.live);
  }

  if (state.problem === undefined || placeKey(state.problem.place) !== placeKey(place)) {
    heading(linear, state, place);
    say(question.help[lang]);
    say(`${t('why')} ${question.why[lang]}`);
    if (question.example !== undefined) {
      say(`${t('example')} ${question.example}`);
    }

    const caution = cautionOf(state, place);
    if (caution !== undefined) {
      say(`${t('caution')} ${caution[lang]}`);
    }

    say(`(${t('pickHint')})`);
  } else {
    say(`! ${state.problem.reason[lang]}`);
  }

  const reply = await askValue(linear, state, place, question);
  if ('value' in reply) {
    session.dispatch({type: 'answer', value: reply.value});
  } else {
    await obey(linear, 'command' in reply ? reply.command : undefined);
  }
};

const heading = ({say, t, lang}: Linear, state: Detected, place: Place) => {
  const flow = flowOf(state);
  const n = flow.findIndex(other => placeKey(other) === placeKey(place)) + 1;
  say();
  say(
    n > 0
      ? `== ${t('question', {n, m: flow.length})} · ${stepOf(state, place.section)?.title[lang]} ==`
      : `== ${stepOf(state, place.section)?.title[lang]} ==`,
  );
};

const liveScreen = async ({session, prompter, say, t, lang}: Linear, live: NonNullable<State['live']>) => {
  if (live.findings === undefined) {
    say(`${t('checking')} ${t('secondsLeft', {n: 5})}`);
    await changed(session);
    return;
  }

  for (const finding of live.findings) {
    findingLines(finding, lang).forEach(({text}) => void say(text));
  }

  const reply = await prompter.choose({
    message: t('overruleHint'),
    options: [
      {value: false, label: t('change')},
      {value: true, label: t('overrule')},
    ],
    initial: false,
  });
  session.dispatch(
    'gone' in reply
      ? {type: 'leave', save: true}
      : {type: 'value' in reply && reply.value ? 'overrule' : 'edit'},
  );
};
