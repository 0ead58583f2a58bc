import type {Finding} from '../core/finding.js';
import {fill, type Lang, type Text, visible} from '../core/text.js';

/** What was wrong when it was looked last, by the finding's id. */
export type Known = Readonly<Record<string, Text>>;

export type Compared = {
  /** Problems that were not there before. */
  readonly fresh: readonly Finding[];
  /** Problems that are no longer. */
  readonly gone: readonly Text[];
  /** Problems that were reported before. */
  readonly still: readonly Finding[];
  readonly next: Known;
};

/**
 * What changed since the last look. What could not be checked changes nothing: a problem stays known until it was seen to be gone.
 * `events`: ids of what happens rather than lasts; it is told each time and never said to be over.
 */
export const compareFindings = (
  known: Known,
  findings: readonly Finding[],
  events: ReadonlySet<string>,
): Compared => {
  const problems = findings.filter(({severity}) => severity === 'fail' || severity === 'warning');
  const wrong = new Map(problems.map(finding => [finding.id, finding]));
  const unsure = new Set(findings.filter(({severity}) => severity === 'unchecked').map(({id}) => id));
  const all = [...wrong.values()];
  const isKnown = ({id}: Finding) => known[id] !== undefined && !events.has(id);
  const kept = Object.entries(known).filter(([id]) => unsure.has(id) && !wrong.has(id));
  return {
    fresh: all.filter(finding => !isKnown(finding)),
    still: all.filter(isKnown),
    gone: Object.entries(known)
      .filter(([id]) => !wrong.has(id) && !unsure.has(id) && !events.has(id))
      .map(([, summary]) => summary),
    next: Object.fromEntries([...kept, ...all.map(({id, summary}) => [id, summary] as const)]),
  };
};

/** The mail to whoever runs the server (RFC 5322, RFC 3834); undefined where nothing changed. */
export const watchLetter = (
  {fresh, gone, still}: Compared,
  {to, host, lang}: {readonly to: string; readonly host: string; readonly lang: Lang},
): string | undefined => {
  if (fresh.length + gone.length === 0) {
    return undefined;
  }

  const subject = fill(fresh.length > 0 ? texts.subject : texts.subjectGone, {
    host,
    fresh: fresh.length,
    gone: gone.length,
  })[lang];
  const detail = ({summary, cause, remedy, evidence}: Finding) => [
    `* ${summary[lang]}`,
    ...[cause, remedy].flatMap(text => (text === undefined ? [] : [`  ${text[lang]}`])),
    ...(evidence ?? []).slice(0, 10).map(line => `  | ${line}`),
  ];
  const part = (title: Text, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title[lang], '', ...lines, ''];
  return [
    `To: ${to}`,
    `Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...part(texts.fresh, fresh.flatMap(detail)),
    ...part(
      texts.gone,
      gone.map(summary => `* ${summary[lang]}`),
    ),
    ...part(
      texts.still,
      still.map(({summary}) => `* ${summary[lang]}`),
    ),
    texts.foot[lang],
    '',
  ]
    .map(line => visible(line).replaceAll('\n', ' '))
    .join('\n');
};

const texts = {
  subject: {
    en: '{host}: {fresh} new on the mail server',
    ja: '{host}: メールサーバーに新しい問題 {fresh} 件',
  },
  subjectGone: {
    en: '{host}: the mail server is better ({gone})',
    ja: '{host}: メールサーバーの問題が解消 ({gone} 件)',
  },
  fresh: {en: 'New:', ja: '新しい問題:'},
  gone: {en: 'No longer so:', ja: '解消したもの:'},
  still: {en: 'Still as reported:', ja: '報告済みで継続中:'},
  foot: {
    en: 'Sent by dovetail, which checks this server by a timer; “dovetail check” shows everything.',
    ja: 'dovetail が定期確認の結果を送信しています。全体は「dovetail check」で確認できます。',
  },
} satisfies Record<string, Text>;
