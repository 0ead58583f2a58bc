import {linesOfText} from '../config/dovecot/lines-of.js';
import type {Located} from '../config/dovecot/parse.js';
import type {Block, ConfigTree} from '../core/edit.js';

/** A file in the order in which Dovecot reads it, with its lines understood. */
export type Source = {
  readonly file: string;
  readonly all: readonly Located[];
  readonly within: readonly Block[];
};

/** A setting that some file makes, in the order of reading: of those with one address and key the last wins. */
export type Effective = {
  readonly path: readonly Block[];
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly located: Located;
};

/** Settings in the order in which Dovecot meets them: includes are read where they stand, globs sorted, each file once in a chain. */
export const effective = (tree: ConfigTree): readonly Effective[] => {
  const found: Effective[] = [];
  visit(tree, tree.root, [], [], (file, located, outer) => {
    const {line, within, at} = located;
    if (line.kind === 'setting') {
      found.push({
        ...flat([...outer, ...blocksOf(within)], line.key),
        value: line.value,
        file,
        line: at + 1,
        located,
      });
    }
  });
  return found;
};

// Dovecot 2.4 takes a setting of these with its whole name, or in a block of that name without it (and writes it so: doveconf(1)).
const prefixes: readonly string[] = ['ssl_server', 'ssl_client'];

const flat = (path: readonly Block[], key: string): Pick<Effective, 'path' | 'key'> => {
  const last = path.at(-1);
  return last === undefined || last.name !== undefined || !prefixes.includes(last.type)
    ? {path, key}
    : {path: path.slice(0, -1), key: key.startsWith(`${last.type}_`) ? key : `${last.type}_${key}`};
};

/** A block that some file opens; also one that holds no setting, as Dovecot 2.4 writes `passdb pam { }`. */
export type Opened = {readonly path: readonly Block[]; readonly file: string; readonly at: number};

/** Blocks in the order in which Dovecot meets them; `at` is the line that opens one, from 0. */
export const opened = (tree: ConfigTree): readonly Opened[] => {
  const found: Opened[] = [];
  visit(tree, tree.root, [], [], (file, {line, within, at}, outer) => {
    if (line.kind === 'open') {
      const {type, name} = line;
      const own = name === undefined ? {type} : {type, name};
      found.push({path: [...outer, ...blocksOf(within.filter(({start}) => start !== at)), own], file, at});
    }
  });
  return found;
};

/** Files that Dovecot reads, in order of first reading. */
export const filesRead = (tree: ConfigTree): readonly string[] => {
  const files: string[] = [tree.root];
  visit(tree, tree.root, [], [], file => files.push(file));
  return [...new Set(files)];
};

const visit = (
  tree: ConfigTree,
  file: string,
  outer: readonly Block[],
  chain: readonly string[],
  each: (file: string, located: Located, outer: readonly Block[]) => void,
) => {
  const text = tree.read(file);
  if (text === undefined || chain.includes(file)) {
    return;
  }

  for (const located of linesOfText(text)) {
    each(file, located, outer);
    if (located.line.kind === 'include') {
      for (const path of resolveInclude(tree, file, located.line.file)) {
        visit(tree, path, [...outer, ...blocksOf(located.within)], [...chain, file], each);
      }
    }
  }
};

/** Paths that an include names, relative to the including file. */
export const resolveInclude = (tree: ConfigTree, from: string, pattern: string) => {
  const path = pattern.startsWith('/') ? pattern : `${from.slice(0, from.lastIndexOf('/'))}/${pattern}`;
  return /[*?[]/.test(path) ? tree.glob(path) : [path];
};

const blocksOf = (within: Located['within']): readonly Block[] =>
  within.map(({type, name}) => (name === undefined ? {type} : {type, name}));
