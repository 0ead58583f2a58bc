import type {Setting} from './types.js';

type Node = {
  readonly head: string;
  readonly settings: Map<string, string>;
  readonly blocks: Map<string, Node>;
};

/** Settings as one configuration file: what is outside of blocks first; the last value of a setting wins. */
export const print = (settings: readonly Setting[]): string => {
  const root = node('');
  for (const {path, key, value} of settings) {
    let at = root;
    for (const {type, name, id} of path) {
      const head = name === undefined ? type : `${type} ${nameOf(name)}`;
      const known = at.blocks.get(`${head} ${id ?? ''}`) ?? node(head);
      at.blocks.set(`${head} ${id ?? ''}`, known);
      at = known;
    }

    if (key !== '') {
      at.settings.set(key, value);
    }
  }

  return lines(root, '').join('');
};

const node = (head: string): Node => ({head, settings: new Map(), blocks: new Map()});

const lines = ({settings, blocks}: Node, indent: string): readonly string[] => [
  ...[...settings].map(([key, value]) => `${`${indent}${key} = ${value}`.trimEnd()}\n`),
  ...[...blocks.values()].flatMap(block => [
    `${indent}${block.head} {\n`,
    ...lines(block, `${indent}  `),
    `${indent}}\n`,
  ]),
];

const nameOf = (name: string) =>
  /^[^\s"'#={}\\]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
