import {visibleLine} from '../core/text.js';
import {findingLines} from '../session/review-lines.js';
import type {RunView} from '../session/run-view.js';
import {type Linear, leftScreen} from './steering.js';

/** Prints a run as it goes: each line once, in order. */
export const followRun = async (linear: Linear): Promise<void> => {
  const {session, say, t} = linear;
  if (session.state().run?.what === 'attach') {
    say(`${t('watching')}: ${session.state().scene?.running?.by ?? ''}`);
  }

  let before: RunView | undefined;
  const stop = session.subscribe(() => {
    const {run} = session.state();
    if (run !== undefined && run !== before) {
      printNews(linear, before, run);
      before = run;
    }
  });
  await leftScreen(linear, 'running');
  stop();
};

const printNews = ({say, t, lang}: Linear, before: RunView | undefined, run: RunView) => {
  if (run.current !== undefined && run.current.id !== before?.current?.id) {
    say(`[${run.current.index + 1}/${run.total}] ${run.current.title[lang]}`);
  }

  if (run.lines !== before?.lines && run.lines.length > 0) {
    say(`    ${visibleLine(run.lines.at(-1) ?? '')}`);
  }

  if (run.proving !== undefined && before?.proving === undefined) {
    say(t('proving'));
  }

  for (const finding of run.findings.slice(before?.findings.length ?? 0)) {
    findingLines(finding, lang).forEach(({text}) => void say(text));
  }

  if (run.failed !== undefined && before?.failed === undefined) {
    const {problem, evidence} = run.failed;
    say(`! ${problem.what[lang]} ${problem.cause?.[lang] ?? ''}`);
    say(problem.remedy[lang]);
    evidence.forEach(line => void say(`    | ${visibleLine(line)}`));
  }

  if (run.stopping && before?.stopping !== true) {
    say(t('stopping'));
  }

  if (run.undo !== undefined && before?.undo === undefined) {
    say(t('undoing'));
  }

  for (const conflict of run.conflicts.slice(before?.conflicts.length ?? 0)) {
    findingLines(conflict, lang).forEach(({text}) => void say(text));
  }
};
