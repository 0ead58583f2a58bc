import type {Preview} from '../core/change.js';
import type {Finding} from '../core/finding.js';
import {isEmpty, type Plan, type PlannedChange} from '../core/plan.js';
import {type Lang, type Text, visibleLine} from '../core/text.js';

/** What a line of the review is; front ends colour by it, and the words and symbols say the same without colour. */
export type Tone =
  | 'heading'
  | 'change'
  | 'added'
  | 'removed'
  | 'hunk'
  | 'plain'
  | 'quiet'
  | 'warning'
  | 'fail'
  | 'pass';

export type ReviewLine = {
  readonly tone: Tone;
  readonly text: string;
  /** The section whose part begins here. */
  readonly section?: string;
};

type Named = (section: string) => string;

/** The whole review as lines: section by section its changes with their diffs, then effective settings, then notes. */
export const reviewLines = (
  plan: Plan,
  overruled: readonly Finding[],
  titleOf: Named,
  lang: Lang,
): readonly ReviewLine[] => [
  ...(isEmpty(plan) ? [line('heading', texts.nothing[lang])] : []),
  ...ownersOf(plan).flatMap(({section, changes}) => [
    {...line('heading', titleOf(section)), section},
    ...changes.flatMap(change => changeLines(change, section, titleOf, lang)),
    line('plain', ''),
  ]),
  ...effectiveLines(plan, lang),
  ...activationLines(plan, lang),
  ...noteLines([...overruled, ...plan.notes], lang),
];

/** Sections with the changes that are shown under them: each change once, under the first section that asked for it. */
export const ownersOf = (plan: Plan) => {
  const changes = plan.stages.flatMap(stage => stage.changes);
  const first = ({change}: PlannedChange) => change.sections[0] ?? '';
  return [...new Set([...plan.sections, ...changes.map(first)])]
    .map(section => ({section, changes: changes.filter(change => first(change) === section)}))
    .filter(owner => owner.changes.length > 0);
};

/** A finding as lines: what, why, what to do, and what the log says. */
export const findingLines = (finding: Finding, lang: Lang): readonly ReviewLine[] => {
  const {severity, summary, cause, remedy, evidence} = finding;
  const tone = severity === 'pass' ? 'pass' : severity === 'fail' ? 'fail' : 'warning';
  return [
    line(tone, `${severityMark[severity]} ${summary[lang]}`),
    ...[cause, severity === 'pass' ? undefined : remedy].flatMap(text =>
      text === undefined ? [] : [line('plain', `       ${text[lang]}`)],
    ),
    ...(evidence ?? []).map(text => line('quiet', `       | ${text}`)),
  ];
};

/** The symbol of a change's action; the same in every language and without colour. */
export const actionMark: Readonly<Record<Preview['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  none: ' ',
};

export const severityMark: Readonly<Record<Finding['severity'], string>> = {
  pass: '[ok]  ',
  warning: '[!]   ',
  fail: '[FAIL]',
  unchecked: '[?]   ',
};

const changeLines = (
  {change, preview}: PlannedChange,
  section: string,
  titleOf: Named,
  lang: Lang,
): readonly ReviewLine[] => {
  const others = change.sections.filter(other => other !== section).map(titleOf);
  return [
    line('change', `${actionMark[preview.action]} ${preview.title[lang]}`),
    line('quiet', `  ${gradeText(preview, lang)}`),
    ...(others.length === 0 ? [] : [line('quiet', `  ${texts.also[lang]} ${others.join(', ')}`)]),
    ...(preview.caveat === undefined ? [] : [line('warning', `  ! ${preview.caveat[lang]}`)]),
    ...preview.body.map(text => line(diffTone(text), `  ${text}`)),
  ];
};

const gradeText = ({certainty, reversible}: Preview, lang: Lang) =>
  `[${texts[certainty][lang]}; ${texts[({exact: 'undoExact', 'best-effort': 'undoBest', no: 'undoNo'} as const)[reversible]][lang]}]`;

const effectiveLines = ({effective}: Plan, lang: Lang): readonly ReviewLine[] =>
  effective.length === 0
    ? []
    : [
        line('heading', texts.effective[lang]),
        ...effective.flatMap(({of, lines, unchecked}) => [
          line('change', `  ${of}`),
          ...(unchecked === undefined ? [] : [line('warning', `    ${unchecked[lang]}`)]),
          ...lines.map(text => line(diffTone(text), `    ${text}`)),
        ]),
        line('plain', ''),
      ];

const activationLines = ({activations}: Plan, lang: Lang): readonly ReviewLine[] =>
  activations.length === 0
    ? []
    : [
        line('heading', texts.activations[lang]),
        ...activations.map(({act, unit, because}) =>
          line('change', `  ${act} ${unit}${because === undefined ? '' : `: ${because[lang]}`}`),
        ),
        line('plain', ''),
      ];

const noteLines = (notes: readonly Finding[], lang: Lang): readonly ReviewLine[] =>
  notes.length === 0
    ? []
    : [line('heading', texts.notes[lang]), ...notes.flatMap(note => findingLines(note, lang))];

const diffTone = (text: string): Tone =>
  text.startsWith('@@')
    ? 'hunk'
    : text.startsWith('+')
      ? 'added'
      : text.startsWith('-')
        ? 'removed'
        : 'plain';

// Nothing of a diff may be left out of what is accepted; only a line that is no text any more is cut.
const line = (tone: Tone, text: string): ReviewLine => ({tone, text: visibleLine(text, 20_000)});

const texts = {
  nothing: {
    en: 'Nothing to change: the machine is as the answers say.',
    ja: '変更はありません。マシンはすでに回答どおりです。',
  },
  also: {en: 'also for:', ja: '関連セクション:'},
  exact: {en: 'exact', ja: '確定'},
  predicted: {en: 'predicted', ja: '予測'},
  undoExact: {en: 'can be undone exactly', ja: '完全に戻せる'},
  undoBest: {en: 'can be undone as far as possible', ja: '可能な範囲で戻せる'},
  undoNo: {en: 'cannot be undone', ja: '戻せない'},
  effective: {en: 'Settings in force, before and after', ja: '有効な設定の変化'},
  activations: {en: 'Services, at the very end', ja: '最後に行うサービスの操作'},
  notes: {en: 'To know before you accept', ja: '承認前に確認すること'},
} satisfies Record<string, Text>;
