import {exitCode} from '../core/exit-code.js';
import {fill, type Lang, type Text} from '../core/text.js';
import type {Engine} from './engine.js';
import {findingLines} from './review-lines.js';
import {endingOf, type RunView} from './run-view.js';
import type {State} from './state.js';

/** What is printed when the session is over: what was done, what was not proved, how to undo it. */
export const summaryLines = (state: State, lang: Lang, engine: Engine): readonly string[] => {
  const {screen, run, request} = state;
  if (screen.at !== 'ended') {
    return [];
  }

  if (run === undefined) {
    return quietEnd(screen.code, screen.saved, request.dryRun).map(text => text[lang]);
  }

  if (run.outcome === undefined) {
    return [texts.open[lang]];
  }

  const open = run.findings.filter(({severity}) => severity !== 'pass');
  const passed = run.findings.length - open.length;
  return [
    (isKeptEarlier(run) ? texts.keptEarlier : texts[endingOf(run)])[lang],
    ...(run.failed === undefined
      ? []
      : [run.failed.problem.what, run.failed.problem.cause, run.failed.problem.remedy].flatMap(text =>
          text === undefined ? [] : [`  ${text[lang]}`],
        )),
    ...(run.findings.length === 0 ? [] : [fill(texts.proof, {passed, total: run.findings.length})[lang]]),
    ...[...open, ...run.conflicts].flatMap(finding =>
      findingLines(finding, lang).map(({text}) => `  ${text}`),
    ),
    ...(run.pending === undefined
      ? []
      : findingLines(run.pending.finding, lang).map(({text}) => `  ${text}`)),
    ...recordOf(run).map(text => text[lang]),
    ...(run.id !== undefined && (run.outcome === 'committed' || run.outcome === 'unproved')
      ? [fill(texts.undo, {id: run.id})[lang]]
      : []),
    ...(run.failed?.problem.log === undefined ? [] : [fill(texts.log, {log: run.failed.problem.log})[lang]]),
    ...handoverOf(state, engine).map(text => text[lang]),
  ];
};

/** What to hand on once a whole server was set up and proved; a run of named sections changes little of it. */
export const handoverOf = ({run, request, answers}: State, engine: Engine): readonly Text[] =>
  run?.what === 'apply' && run.outcome === 'committed' && request.sections.length === 0
    ? engine.handover(answers)
    : [];

/** What an undo kept was said by the part of it that was cut short; the record has it. */
export const keptEarlierOf = (run: RunView): readonly Text[] =>
  isKeptEarlier(run) ? [texts.keptEarlier, ...recordOf(run)] : [];

const isKeptEarlier = ({outcome, conflicts}: RunView) =>
  outcome === 'conflicts-kept' && conflicts.length === 0;

const recordOf = ({id}: RunView): readonly Text[] => (id === undefined ? [] : [fill(texts.record, {id})]);

const quietEnd = (code: number, saved: boolean, dryRun: boolean): readonly Text[] =>
  code === exitCode.done
    ? [texts.nothing]
    : dryRun && code === exitCode.pending
      ? [texts.dryRun]
      : [texts.untouched, ...(saved ? [texts.saved] : [])];

const texts = {
  committed: {
    en: 'Done. The server was set up and proved.',
    ja: '完了しました。設定と動作確認が済みました。',
  },
  committedInPart: {
    en: 'Done. What could be checked is right; this could not be:',
    ja: '完了しました。確認できた項目は正常です。次の項目は確認できませんでした。',
  },
  unproved: {
    en: 'The changes are in, but not everything could be proved:',
    ja: '変更を適用しましたが、確認できなかった項目があります。',
  },
  'rolled-back': {en: 'Everything is as it was before.', ja: 'すべて元の状態に戻りました。'},
  'conflicts-kept': {
    en: 'Everything was put back, except what others changed since:',
    ja: '他者による変更を除き、元に戻しました。',
  },
  stuck: {
    en: 'It could not be put back safely. All that is needed to do so was kept; “dovetail rollback” tries again.',
    ja: '安全に戻せませんでした。必要な情報は残してあります。「dovetail rollback」で再試行できます。',
  },
  interrupted: {
    en: 'Stopped as you asked; everything is as it was before.',
    ja: '指示により停止しました。すべて元の状態です。',
  },
  proof: {en: 'Checks: {passed} of {total} passed.', ja: '確認: {total} 件中 {passed} 件合格。'},
  record: {
    en: 'What was done and found: dovetail show {id}',
    ja: '実行内容と結果: dovetail show {id}',
  },
  undo: {en: 'To undo it: dovetail rollback {id}', ja: '元に戻すには: dovetail rollback {id}'},
  log: {en: 'Log: {log}', ja: 'ログ: {log}'},
  nothing: {en: 'Nothing had to be changed.', ja: '変更は必要ありませんでした。'},
  dryRun: {
    en: 'Dry run: nothing was changed. Without “--dry-run” these changes would be made.',
    ja: 'ドライランのため何も変更していません。「--dry-run」なしで実行すると適用されます。',
  },
  keptEarlier: {
    en: 'Everything was put back, except what this undo kept, with the reason, before it was cut short.',
    ja: '元に戻しました。ただし、中断される前に理由を示して残したものを除きます。',
  },
  open: {
    en: 'What was begun has not come to its end here. Start dovetail again: it shows it, or puts back what was there.',
    ja: '始めた処理はここでは完了していません。もう一度 dovetail を起動すると、続きを表示するか、元に戻します。',
  },
  untouched: {en: 'Nothing was changed.', ja: '何も変更していません。'},
  saved: {
    en: 'Your answers were kept, without passwords: “dovetail” goes on from there.',
    ja: '回答はパスワードを除いて保存しました。「dovetail」で続きから再開できます。',
  },
} satisfies Record<string, Text>;
