import type {Problem} from '../core/finding.js';
import type {Lang} from '../core/text.js';
import {findingLines} from '../session/review-lines.js';
import {endingOf} from '../session/run-view.js';
import {canRollBack} from '../session/running.js';
import type {Linear} from './steering.js';
import type {Option} from './prompter.js';

/** How the run ended, and what can be done about it now. */
export const finishedScreen = async ({session, prompter, say, t, lang}: Linear) => {
  const state = session.state();
  const {run} = state;
  const outcome = run?.outcome;
  if (run === undefined || outcome === undefined) {
    return session.dispatch({type: 'finish'});
  }

  say(t(endingOf(run)));
  if (run.pending !== undefined) {
    findingLines(run.pending.finding, lang).forEach(({text}) => void say(text));
  }

  const retry = outcome === 'rolled-back' && run.what === 'apply';
  const options: readonly Option<'finish' | 'roll-back' | 'retry' | 'keep'>[] = [
    ...(run.pending === undefined ? [] : [{value: 'keep' as const, label: t('confirmIt')}]),
    {value: 'finish', label: outcome === 'unproved' ? t('keepIt') : t('finish')},
    ...(canRollBack(state) ? [{value: 'roll-back' as const, label: t('rollBack')}] : []),
    ...(retry ? [{value: 'retry' as const, label: t('retry')}] : []),
  ];
  const reply = await prompter.choose({
    message: t('chooseHint'),
    options,
    ...(outcome === 'unproved' ? {} : {initial: 'finish' as const}),
  });
  const next = 'value' in reply ? reply.value : 'finish';
  session.dispatch({type: next});
  if (next === 'keep') {
    // Whether a new connection was seen takes a moment to find out.
    await new Promise<void>(resolve => {
      const stop = session.subscribe(() => {
        stop();
        resolve();
      });
    });
  }
};

/** What could not be done, and what to do about it. */
export const problemScreen = async ({session, prompter, say, t, lang}: Linear) => {
  const {screen} = session.state();
  if (screen.at !== 'problem') {
    return;
  }

  printProblem(say, screen.problem, lang);
  if (screen.back === undefined) {
    return session.dispatch({type: 'finish'});
  }

  const reply = await prompter.choose({
    message: t('chooseHint'),
    options: [
      {value: 'back', label: t('goBack')},
      {value: 'finish', label: t('quit')},
    ] as const,
  });
  session.dispatch({type: 'value' in reply ? reply.value : 'finish'});
};

const printProblem = (say: (line: string) => void, {what, cause, remedy, log}: Problem, lang: Lang) =>
  [what, cause, remedy]
    .flatMap(text => (text === undefined ? [] : [text[lang]]))
    .concat(log ?? [])
    .forEach(line => void say(line));
