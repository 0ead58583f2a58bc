import type {Change, Digest} from '../core/change.js';
import type {ConfigTree} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {effective, filesRead} from './effective.js';
import {treeOf} from './tree.js';

/** What a plan needs that starts from the packages' own configuration of Dovecot and not from the machine's. */
export type Fresh = {
  /** The packages' own files, by path. */
  readonly stock: Facts['files'];
  /** All files as they are. */
  readonly present: Facts['files'];
  /** Folders that are to be made first, outermost first. */
  readonly folders: readonly string[];
};

const folder = '/etc/dovecot';

/**
 * The files that start again. What stands beside the configuration and is named by it stays as it is: lists of accounts, keys, what
 * a directory or a database is asked with; where the package has a sample of such a file, it comes only where there is none.
 */
export const startsAgain = ({stock, present}: Pick<Fresh, 'stock' | 'present'>): Facts['files'] =>
  Object.fromEntries(
    Object.entries(stock).filter(([path]) => isConfiguration(path) || present[path] === undefined),
  );

/** Whether a file is Dovecot's configuration itself, by its place. */
export const isConfiguration = (path: string) =>
  path === `${folder}/dovecot.conf` || path.startsWith(`${folder}/conf.d/`);

/** Files of others that the package's own main file would read too. */
export const strays = (fresh: Pick<Fresh, 'stock' | 'present'>, facts: Facts): readonly string[] => {
  const again = startsAgain(fresh);
  return filesRead(treeOf({...facts, files: {...fresh.present, ...again}})).filter(
    path => path.startsWith('/etc/') && again[path] === undefined && fresh.present[path] !== undefined,
  );
};

/** The machine as it would be had nobody ever configured Dovecot on it. */
export const factsAfresh = (facts: Facts, fresh: Fresh): Facts => {
  const gone = new Set(strays(fresh, facts));
  const kept = Object.fromEntries(Object.entries(fresh.present).filter(([path]) => !gone.has(path)));
  return {
    ...facts,
    configured: {...facts.configured, dovecot: false},
    files: {...kept, ...startsAgain(fresh)},
  };
};

/** What goes before the edits and after them: folders that are missing; files of others, unless the plan has its own there (`edited`). */
export const freshChanges = (
  fresh: Fresh,
  facts: Facts,
  others: readonly Change[],
  edited: Iterable<string>,
): readonly Change[] => {
  const written = new Set([...edited, ...others.map(change => ('path' in change ? change.path : ''))]);
  const sections = ['packages'];
  return [
    ...fresh.folders.map(path => ({
      id: `directory.create ${path}`,
      sections,
      kind: 'directory.create' as const,
      path,
      owner: 'root',
      group: 'root',
      mode: 0o755,
    })),
    ...strays(fresh, facts)
      .filter(path => !written.has(path))
      .map(path => ({
        id: `file.delete ${path}`,
        sections,
        kind: 'file.delete' as const,
        path,
        shown: 'text' as const,
      })),
  ];
};

/** Who may read a file that comes back; Debian's scripts give those that are to hold secrets to fewer. */
export const ownershipOf = (path: string) =>
  isConfiguration(path)
    ? ({owner: 'root', group: 'root', mode: 0o644} as const)
    : /ldap/.test(path)
      ? ({owner: 'root', group: 'root', mode: 0o600} as const)
      : ({owner: 'root', group: 'dovecot', mode: 0o640} as const);

/** Texts that the edits of a plan are folded on where those are not the machine's own; null: no file. */
export const basesOf = (
  fresh: Fresh,
  facts: Facts,
  put: (text: string) => Digest,
): Readonly<Record<string, Digest | null>> => ({
  ...Object.fromEntries(strays(fresh, facts).map(path => [path, null])),
  ...Object.fromEntries(Object.entries(startsAgain(fresh)).map(([path, text]) => [path, put(text)])),
});

/** What the machine said and the new configuration does not say, or says otherwise. Names alone: values may be secrets. */
export const notCarriedOver = (
  before: ConfigTree,
  stock: ConfigTree,
  after: ConfigTree,
): readonly string[] => {
  const [was, own, is] = [before, stock, after].map(said);
  return [...(was ?? [])]
    .filter(([name, value]) => own?.get(name) !== value && is?.get(name) !== value)
    .map(([name]) => name);
};

// The last one wins.
const said = (tree: ConfigTree): ReadonlyMap<string, string> =>
  new Map(
    effective(tree).map(({path, key, value}) => [
      [...path.map(({type, name}) => (name === undefined ? type : `${type} ${name}`)), key].join('/'),
      value.trim(),
    ]),
  );

/** The review says what starts again, and what of the machine's own way is lost with it. */
export const freshFindings = (names: readonly string[]): readonly Finding[] => [
  {id: 'packages:fresh', section: 'packages', severity: 'pass', summary: texts.fresh},
  ...(names.length === 0
    ? []
    : [
        {
          id: 'packages:not-carried',
          section: 'packages',
          severity: 'warning' as const,
          summary: fill(texts.lost, {names: visibleLine(names.join(', '), 1000)}),
          remedy: texts.lostRemedy,
        },
      ]),
];

const texts = {
  fresh: {
    en: 'Dovecot starts again from its packages’ own files. Mail, lists of accounts, keys and certificates stay where they are.',
    ja: 'Dovecot の設定をパッケージの初期ファイルから作り直します。メール、アカウントの一覧、鍵と証明書はそのままです。',
  },
  lost: {
    en: 'Not as this machine has it any more: {names}.',
    ja: 'このマシンの設定と変わるもの: {names}',
  },
  lostRemedy: {
    en: 'Look at the diff. What is missed can be written in again afterwards; later runs leave it alone as long as “fresh_dovecot” is not asked for again.',
    ja: '差分を確認してください。必要なものは後で書き足せます。再び「fresh_dovecot」を選ばないかぎり、以後の実行では変更されません。',
  },
} satisfies Record<string, Text>;
