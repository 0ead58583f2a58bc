import {
  commentedAt,
  commentOut,
  hasBlock,
  insert,
  replaceValue,
  settingsAt,
  uncomment,
} from '../config/dovecot/edit.js';
import {type Located, locate, unquote} from '../config/dovecot/parse.js';
import {bare, ending, splitLines} from '../config/lines.js';
import type {
  Block,
  ConfigTree,
  DovecotDialect,
  DovecotEdit,
  Folded,
  Owned,
  Placed,
  Refused,
} from '../core/edit.js';
import {fill, type Text} from '../core/text.js';
import {filesRead} from './effective.js';

type Options = {readonly dialect: DovecotDialect};
type Landed = {
  readonly file: string;
  readonly line: number;
  readonly how: Placed<never>['how'];
  readonly note?: Text;
};

/**
 * Folds edits of Dovecot's configuration in order, each on what the earlier ones left. A setting is edited where the last
 * active one stands; else its commented default is switched on; else it goes beside its kin; and where something that is
 * read later would still win, it goes into what is read last.
 */
export const foldDovecot = (
  tree: ConfigTree,
  edits: readonly Owned<DovecotEdit>[],
  _options: Options,
): Folded<DovecotEdit> => {
  const changed = new Map<string, string>();
  const view: ConfigTree = {
    ...tree,
    read: path => changed.get(path) ?? tree.read(path),
    glob: pattern => tree.glob(pattern),
  };
  const placed: Placed<DovecotEdit>[] = [];
  const refused: Refused<DovecotEdit>[] = [];
  for (const owned of edits) {
    const result = applyEdit(view, owned.edit, (file, text) => changed.set(file, text));
    if ('reason' in result) {
      refused.push({...owned, reason: result.reason});
    } else {
      placed.push({...owned, ...result});
    }
  }

  const files = new Map([...changed].filter(([path, text]) => tree.read(path) !== text));
  return {files, placed, refused};
};

type Write = (file: string, text: string) => void;

const applyEdit = (tree: ConfigTree, edit: DovecotEdit, write: Write): Landed | {readonly reason: Text} => {
  switch (edit.op) {
    case 'set':
      return set(tree, edit.at, edit.key, edit.value, edit.home, write);
    case 'unset':
      return unset(tree, edit.at, edit.key, write);
    case 'item':
      return item(tree, edit, write);
    case 'block':
      return block(tree, edit, write);
    case 'include':
      return include(tree, edit, write);
  }
};

const set = (
  tree: ConfigTree,
  at: readonly Block[],
  key: string,
  value: string,
  home: string | undefined,
  write: Write,
): Landed | {readonly reason: Text} => {
  const found = occurrences(tree, at, key);
  const last = found.at(-1);
  if (last !== undefined && last.located.line.kind === 'setting' && last.located.line.value === value) {
    return {file: last.file, line: last.located.at + 1, how: 'unchanged'};
  }

  const ambiguous =
    at.some(part => part.where !== undefined) &&
    new Set(found.map(({file, located}) => `${file}:${located.within.at(-1)?.start}`)).size > 1;
  if (ambiguous) {
    return {reason: fill(texts.ambiguous, {what: addressOf(at, key)})};
  }

  if (last !== undefined && tree.editable(last.file)) {
    write(last.file, replaceValue(tree.read(last.file) ?? '', last.located, value));
    return {file: last.file, line: last.located.at + 1, how: 'replaced'};
  }

  if (last !== undefined) {
    return putLast(
      tree,
      at,
      key,
      value,
      write,
      fill(texts.overridden, {what: addressOf(at, key), file: last.file}),
    );
  }

  return putBesideKin(tree, at, key, value, home, write);
};

const putBesideKin = (
  tree: ConfigTree,
  at: readonly Block[],
  key: string,
  value: string,
  home: string | undefined,
  write: Write,
): Landed => {
  const files = filesRead(tree).filter(file => tree.editable(file) && tree.read(file) !== undefined);
  for (const file of inOrderOf(files, home)) {
    const commented = commentedAt(linesOf(tree, file), at, key);
    if (commented !== undefined) {
      write(file, uncomment(tree.read(file) ?? '', commented, key, value));
      return {file, line: commented.at + 1, how: 'uncommented'};
    }
  }

  const file = homeFile(tree, files, at, home);
  const {text, line} = insert(tree.read(file) ?? '', at, {key, value});
  write(file, text);
  return {file, line, how: 'inserted'};
};

// The innermost block that is there already decides; then the file that the kind belongs to; then what is read last.
const homeFile = (
  tree: ConfigTree,
  files: readonly string[],
  at: readonly Block[],
  home: string | undefined,
) => {
  const named = files.filter(file => home !== undefined && (file === home || file.endsWith(`/${home}`)));
  for (let depth = at.length; depth > 0; depth -= 1) {
    const holders = files.filter(file => hasBlock(linesOf(tree, file), at.slice(0, depth)));
    const holder = named.find(file => holders.includes(file)) ?? holders.at(-1);
    if (holder !== undefined) {
      return holder;
    }
  }

  return named[0] ?? lastFile(tree);
};

const putLast = (
  tree: ConfigTree,
  at: readonly Block[],
  key: string,
  value: string,
  write: Write,
  note: Text,
): Landed => {
  const file = lastFile(tree);
  const commented = commentedAt(linesOf(tree, file), at, key);
  if (commented !== undefined && file !== tree.root) {
    write(file, uncomment(tree.read(file) ?? '', commented, key, value));
    return {file, line: commented.at + 1, how: 'uncommented', note};
  }

  const {text, line} = insert(tree.read(file) ?? '', at, {key, value});
  write(file, text);
  return {file, line, how: 'inserted', note};
};

/** The file that Dovecot reads last and that is ours to edit: local.conf where it is included, else the main file. */
const lastFile = (tree: ConfigTree) => {
  const local = `${tree.root.slice(0, tree.root.lastIndexOf('/'))}/local.conf`;
  const includesLocal = linesOf(tree, tree.root).some(
    ({line}) => line.kind === 'include' && /(?:^|\/)local\.conf$/.test(line.file),
  );
  return includesLocal ? local : tree.root;
};

const unset = (tree: ConfigTree, at: readonly Block[], key: string, write: Write): Landed => {
  let landed: Landed = {file: tree.root, line: 0, how: 'unchanged'};
  for (;;) {
    const last = occurrences(tree, at, key)
      .filter(({file}) => tree.editable(file))
      .at(-1);
    if (last === undefined) {
      return landed;
    }

    write(last.file, commentOut(tree.read(last.file) ?? '', last.located));
    landed = {file: last.file, line: last.located.at + 1, how: 'removed'};
  }
};

// `$name` stands for what the list had so far; packaged includes add to `protocols` that way.
const item = (
  tree: ConfigTree,
  edit: Extract<DovecotEdit, {op: 'item'}>,
  write: Write,
): Landed | {readonly reason: Text} => {
  const found = occurrences(tree, edit.at, edit.key);
  const value = found.reduce<readonly string[]>(
    (items, {located: {line}}) =>
      line.kind === 'setting'
        ? unquote(line.value)
            .split(/\s+/)
            .filter(Boolean)
            .flatMap(word => (word === `$${edit.key}` ? items : [word]))
        : items,
    [],
  );
  const effective = [...new Set(found.length === 0 ? (edit.base ?? '').split(/\s+/).filter(Boolean) : value)];
  if (effective.includes(edit.value) === (edit.state === 'present')) {
    return {
      file: found.at(-1)?.file ?? tree.root,
      line: (found.at(-1)?.located.at ?? -1) + 1,
      how: 'unchanged',
    };
  }

  const next =
    edit.state === 'present' ? [...effective, edit.value] : effective.filter(word => word !== edit.value);
  return set(tree, edit.at, edit.key, next.join(' '), edit.home, write);
};

const block = (tree: ConfigTree, edit: Extract<DovecotEdit, {op: 'block'}>, write: Write): Landed => {
  const files = filesRead(tree).filter(file => tree.editable(file) && tree.read(file) !== undefined);
  const holder = files.find(file => hasBlock(linesOf(tree, file), edit.at));
  if (edit.state === 'present') {
    if (holder !== undefined) {
      return {file: holder, line: 0, how: 'unchanged'};
    }

    const file = homeFile(tree, files, edit.at.slice(0, -1), edit.home);
    const {text, line} = insert(tree.read(file) ?? '', edit.at, undefined);
    write(file, text);
    return {file, line, how: 'inserted'};
  }

  if (holder === undefined) {
    return {file: tree.root, line: 0, how: 'unchanged'};
  }

  const {text, line} = commentBlock(tree.read(holder) ?? '', edit.at);
  write(holder, text);
  return {file: holder, line, how: 'removed'};
};

const commentBlock = (text: string, at: readonly Block[]) => {
  const lines = splitLines(text);
  const all = locate(lines);
  const open = all.findLast(
    ({line, within, at: start}) =>
      line.kind === 'open' &&
      within.length === at.length - 1 &&
      hasBlock(
        all.filter(entry => entry.at >= start),
        at,
      ),
  );
  const start = open?.at ?? 0;
  let depth = 0;
  let stop = start;
  for (const {line, at: index} of all.filter(entry => entry.at >= start)) {
    depth += line.kind === 'open' ? 1 : line.kind === 'close' ? -1 : 0;
    stop = index;
    if (depth === 0) {
      break;
    }
  }

  const commented = lines.map((line, index) =>
    index >= start && index <= stop && bare(line).trim() !== '' ? line.replace(/^(\s*)/, '$1#') : line,
  );
  return {text: commented.join(''), line: start + 1};
};

const include = (tree: ConfigTree, edit: Extract<DovecotEdit, {op: 'include'}>, write: Write): Landed => {
  const wanted = edit.state === 'present' ? 'commented-include' : 'include';
  for (const file of filesRead(tree).filter(name => tree.editable(name))) {
    const all = linesOf(tree, file);
    const same = all.filter(
      ({line}) => (line.kind === 'include' || line.kind === 'commented-include') && line.file === edit.file,
    );
    const hit = same.find(({line}) => line.kind === wanted);
    if (hit !== undefined && !(edit.state === 'present' && same.some(({line}) => line.kind === 'include'))) {
      const lines = splitLines(tree.read(file) ?? '');
      const line = lines[hit.at] ?? '';
      const next =
        edit.state === 'present' ? line.replace(/^(\s*)#\s?/, '$1') : line.replace(/^(\s*)/, '$1#');
      write(file, lines.toSpliced(hit.at, 1, next).join(''));
      return {file, line: hit.at + 1, how: edit.state === 'present' ? 'uncommented' : 'removed'};
    }

    if (same.length > 0) {
      return {file, line: (same[0]?.at ?? 0) + 1, how: 'unchanged'};
    }
  }

  if (edit.state === 'absent') {
    return {file: tree.root, line: 0, how: 'unchanged'};
  }

  const files = filesRead(tree).filter(file => tree.editable(file) && tree.read(file) !== undefined);
  const file = files.find(name => edit.home !== undefined && name.endsWith(`/${edit.home}`)) ?? tree.root;
  const lines = splitLines(tree.read(file) ?? '');
  const end = ending(lines[0] ?? '\n') || '\n';
  write(file, [...lines, `!include ${edit.file}${end}`].join(''));
  return {file, line: lines.length + 1, how: 'inserted'};
};

/** Every active setting of an address, in the order of reading. */
export const occurrences = (
  tree: ConfigTree,
  at: readonly Block[],
  key: string,
): readonly {readonly file: string; readonly located: Located}[] =>
  orderedReads(tree).flatMap(file =>
    settingsAt(linesOf(tree, file), at, key).map(located => ({file, located})),
  );

// A file that is included after another's settings is read later than them: order by the place of the include.
const orderedReads = (tree: ConfigTree) => filesRead(tree);

const linesOf = (tree: ConfigTree, file: string) => locate(splitLines(tree.read(file) ?? ''));

const inOrderOf = (files: readonly string[], home: string | undefined) => [
  ...files.filter(file => home !== undefined && file.endsWith(`/${home}`)),
  ...files.filter(file => home === undefined || !file.endsWith(`/${home}`)),
];

const addressOf = (at: readonly Block[], key: string) =>
  [...at.map(part => `${part.type} ${part.name ?? part.where?.value ?? ''}`.trim()), key].join(' / ');

const texts = {
  ambiguous: {
    en: 'More than one block answers to {what}; dovetail does not guess which one is meant.',
    ja: '{what} に当てはまるブロックが複数あり、どれを指すか決められません。',
  },
  overridden: {
    en: '{what} is also set by {file}, which belongs to a package; it is set in the file that is read last.',
    ja: '{what} はパッケージの {file} でも設定されるため、最後に読まれるファイルで設定します。',
  },
} satisfies Record<string, Text>;
