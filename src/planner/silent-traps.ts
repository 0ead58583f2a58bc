import {unquote} from '../config/dovecot/parse.js';
import type {Block, ConfigTree, DovecotDialect} from '../core/edit.js';
import type {Finding} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {type Effective, effective} from './effective.js';

/**
 * What Dovecot accepts without a word and then does not do what it says: `doveconf -n` is no proof of it (seen with
 * 2.3.19 and 2.4.1). A trap that the plan would make fails the plan; one that was there before is a warning.
 */
export const silentTraps = (
  before: ConfigTree,
  after: ConfigTree,
  dialect: DovecotDialect,
): readonly Finding[] => {
  const old = new Set(trapsOf(before, dialect).map(idOf));
  return trapsOf(after, dialect).map(trap => ({
    id: idOf(trap),
    severity: old.has(idOf(trap)) ? ('warning' as const) : ('fail' as const),
    summary: fill(texts[trap.kind], {what: `${trap.file}:${trap.line}: ${trap.what}`}),
    remedy: texts[`${trap.kind}Remedy`],
  }));
};

type Kind = 'variable' | 'pipe' | 'inline' | 'notInline' | 'gone' | 'filter' | 'reference';
type Trap = {readonly kind: Kind; readonly file: string; readonly line: number; readonly what: string};

// Lines move when others are inserted: a trap is known by what it says.
const idOf = ({kind, file, what}: Trap) => `trap:${kind}:${file}:${what}`;

const trapsOf = (tree: ConfigTree, dialect: DovecotDialect): readonly Trap[] => {
  // What a secret says is nobody's business here, whatever it looks like.
  const all = effective(tree).filter(({key}) => !/(?:password|passphrase|dnpass|secret)$/.test(key));
  const kinds = dialect === '2.3' ? traps23 : traps24;
  return all.flatMap(entry =>
    (Object.keys(kinds) as Kind[])
      .filter(kind => kinds[kind]?.(entry, unquote(entry.value.trim()), all) === true)
      .map(kind => ({kind, file: entry.file, line: entry.line, what: shown(entry)})),
  );
};

type Rule = (entry: Effective, value: string, all: readonly Effective[]) => boolean;

const traps23: Partial<Record<Kind, Rule>> = {
  // The path itself is taken for the certificate: Dovecot starts, and no TLS connection works.
  notInline: ({key}, value) => /^ssl_(?:alt_|client_)?(?:cert|key|ca|dh)$/.test(key) && value.startsWith('/'),
  pipe: (_entry, value) => /%\{[^}:;]*\|/.test(value),
};

const traps24: Partial<Record<Kind, Rule>> = {
  // `%n` is a folder of that name, which all users then share. Queries and time formats may have a percent of their own.
  variable: ({key}, value) =>
    !/query|timestamp|log_format|prefix/.test(key) && /(?<!%)%[LUHMRXTD]*[a-zA-Z]/.test(value),
  // Dovecot does not start, and prints the file to its log: of a key too.
  inline: ({key}, value) => /_(?:file|path)$/.test(key) && value.startsWith('<'),
  gone: ({path}) => isServiceGone(path),
  filter: (entry, _value, all) =>
    entry.key.endsWith('bind_userdn') &&
    !all.some(other => other.key.endsWith('filter') && isBeside(other, entry)),
  reference: ({key}, value) => /(?:^|_)(?:plugins|protocols)$/.test(key) && value.includes('$'),
};

const isServiceGone = (path: readonly Block[]) =>
  path.some(
    ({type, name}) => type === 'service' && /^(?:replicator|aggregator|director|ipc)$/.test(name ?? ''),
  );

// 2.4.1 asks for a filter even where the name is known; only logging in tells.
const isBeside = (other: Effective, entry: Effective) =>
  JSON.stringify(other.path) === JSON.stringify(entry.path);

const shown = ({path, key, value}: Effective) =>
  [...path.map(({type, name}) => (name === undefined ? type : `${type} ${name}`)), `${key} = ${value}`].join(
    ' / ',
  );

const texts = {
  variable: {
    en: 'Dovecot 2.4 knows no %-letters and would take them literally, the same for all users: {what}',
    ja: 'Dovecot 2.4 に % と 1 文字の変数はなく、全ユーザー共通の文字列になります: {what}',
  },
  variableRemedy: {
    en: 'Write %{user}, %{user | username} or %{user | domain}.',
    ja: '%{user}、%{user | username}、%{user | domain} のように書いてください。',
  },
  pipe: {
    en: 'Dovecot 2.3 has no filters in variables: {what}',
    ja: 'Dovecot 2.3 の変数にフィルターはありません: {what}',
  },
  pipeRemedy: {en: 'Write %u, %n, %d or %Lu.', ja: '%u、%n、%d、%Lu のように書いてください。'},
  inline: {
    en: 'Dovecot 2.4 takes the path itself; with “<” it does not start, and prints the file to its log: {what}',
    ja: 'Dovecot 2.4 ではパスだけを書きます。「<」があると起動せず、内容をログに出力します: {what}',
  },
  inlineRemedy: {en: 'Leave the “<” out.', ja: '「<」を取り除いてください。'},
  notInline: {
    en: 'Without “<” Dovecot 2.3 takes the path itself for the content, and every TLS connection fails: {what}',
    ja: 'Dovecot 2.3 では「<」がないとパス自体を内容とみなし、TLS 接続がすべて失敗します: {what}',
  },
  notInlineRemedy: {en: 'Write “<” before the path.', ja: 'パスの前に「<」を付けてください。'},
  gone: {
    en: 'Dovecot 2.4 accepts this, but the service is gone: {what}',
    ja: 'Dovecot 2.4 はこの設定を受け付けますが、サービス自体が廃止されています: {what}',
  },
  goneRemedy: {
    en: 'Take the block out; “dovetail migrate-report” says what replaces it.',
    ja: 'ブロックを取り除いてください。代わりは「dovetail migrate-report」で確認できます。',
  },
  filter: {
    en: 'Without a filter beside it every login fails, though Dovecot 2.4 accepts it: {what}',
    ja: 'filter がないと、設定は受け付けられてもログインがすべて失敗します: {what}',
  },
  filterRemedy: {
    en: 'Add a filter to the same block, e.g. (uid=%{user}).',
    ja: '同じブロックに (uid=%{user}) などの filter を追加してください。',
  },
  reference: {
    en: 'In Dovecot 2.4 a list cannot be built on “$” and its name; the words are taken literally: {what}',
    ja: 'Dovecot 2.4 では「$名前」で一覧を引き継げず、文字どおりに解釈されます: {what}',
  },
  referenceRemedy: {
    en: 'Write a block with one “name = yes” for each item.',
    ja: '項目ごとに「名前 = yes」と書くブロックにしてください。',
  },
} satisfies Record<Kind | `${Kind}Remedy`, Text>;
