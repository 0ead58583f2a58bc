import type {Finding} from '../core/finding.js';
import type {Evidence, Platform, PlatformFact} from '../core/platform.js';
import {fill, join, type Text} from '../core/text.js';

/** What the admin should know about the platform before accepting a plan: that it was forced, or what of it is unproved. */
export const platformNotes = (platform: Platform, detected: string): readonly Finding[] => [
  ...(detected === platform.id
    ? []
    : [
        {
          id: 'platform:forced',
          severity: 'warning' as const,
          summary: fill(texts.forced, {name: platform.name}),
          remedy: texts.forcedRemedy,
        },
      ]),
  ...(platform.evidence.run === 'verified'
    ? []
    : [
        {
          id: 'platform:unverified',
          severity: 'warning' as const,
          summary: fill(platform.evidence.run === 'stand-in' ? texts.standIn : texts.unverified, {
            name: platform.name,
          }),
          cause: evidenceOf(platform),
          remedy: texts.unverifiedRemedy,
        },
      ]),
];

/** Of each thing that is known of a platform: whether it was verified there, tried on a stand-in, read, or not checked. */
export const evidenceOf = ({evidence}: Platform): Text => {
  const of = (wanted: Evidence) =>
    (Object.keys(facts) as (keyof typeof facts)[]).filter(fact => evidence[fact] === wanted);
  const part = (text: Text, names: readonly (keyof typeof facts)[]) =>
    names.length === 0
      ? []
      : [
          join([
            text,
            join(
              names.map(name => facts[name]),
              ', ',
            ),
          ]),
        ];
  return join(
    [
      ...(of('verified').length === 0 ? [texts.nothing] : part(texts.verified, of('verified'))),
      ...part(texts.tried, of('stand-in')),
      ...part(texts.source, of('source')),
      ...part(texts.unchecked, of('unchecked')),
    ],
    '; ',
  );
};

/** Platforms by how sure it is that dovetail works there. */
export const knownOf = (all: readonly Platform[]): Text => {
  const part = (text: Text, isOne: (run: Evidence) => boolean) => {
    const names = all.filter(({evidence}) => isOne(evidence.run)).map(({id, name}) => `${name} (${id})`);
    return names.length === 0 ? [] : [fill(text, {names: names.join(', ')})];
  };
  return join([
    ...part(texts.whole, run => run === 'verified'),
    ...part(texts.onStandIn, run => run === 'stand-in'),
    ...part(texts.never, run => run !== 'verified' && run !== 'stand-in'),
  ]);
};

const facts = {
  packages: {en: 'package names', ja: 'パッケージ名'},
  dovecot: {en: 'version of Dovecot', ja: 'Dovecot のバージョン'},
  startsOnInstall: {en: 'start on installation', ja: '導入時の起動'},
  paths: {en: 'paths', ja: 'パス'},
  units: {en: 'units', ja: 'ユニット'},
  postfix: {en: 'columns and names of Postfix', ja: 'Postfix の列と名前'},
  mailLog: {en: 'mail log', ja: 'メールログ'},
} satisfies Readonly<Record<Exclude<PlatformFact, 'run'>, Text>>;

const texts = {
  forced: {
    en: 'This system is treated as {name}, because “--platform” says so; it is another one.',
    ja: '「--platform」の指定により、このシステムを {name} として扱います (実際は異なります)。',
  },
  forcedRemedy: {
    en: 'Read every change: names of packages, paths and units may differ.',
    ja: 'パッケージ名、パス、ユニット名が異なる可能性があるため、変更をすべて確認してください。',
  },
  unverified: {
    en: 'dovetail was never run on {name}: what it knows of it was read, not tried.',
    ja: '{name} での動作は未検証です。知識は資料によるもので、実機では試していません。',
  },
  standIn: {
    en: 'dovetail was tried on a stand-in for {name} (its package manager, names and configuration), not on the system itself.',
    ja: '{name} は、パッケージ管理・名称・設定を再現した代替環境で検証しました。実機では試していません。',
  },
  nothing: {en: 'Verified on the system itself: nothing', ja: '実機で検証済み: なし'},
  verified: {en: 'Verified on the system itself:', ja: '実機で検証済み:'},
  whole: {en: '{names}: verified.', ja: '{names} (検証済み)。'},
  onStandIn: {
    en: '{names}: tried on a stand-in, not on the system itself.',
    ja: '{names} (代替環境で検証、実機では未検証)。',
  },
  never: {en: '{names}: known, never run there.', ja: '{names} (情報のみ、未検証)。'},
  tried: {en: 'Tried on the stand-in:', ja: '代替環境で確認:'},
  source: {en: 'From its packages:', ja: 'パッケージの資料による:'},
  unchecked: {en: 'Not checked:', ja: '未確認:'},
  unverifiedRemedy: {
    en: 'Try it on a copy of the machine first; the proof after the apply tells whether it works.',
    ja: 'まず複製した環境で試してください。適用後の動作確認で結果がわかります。',
  },
} satisfies Record<string, Text>;
