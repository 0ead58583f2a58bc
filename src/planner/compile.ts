import type {Change, Digest} from '../core/change.js';
import type {
  ConfigTree,
  DovecotDialect,
  DovecotEdit,
  Folded,
  MainEdit,
  MasterEdit,
  Owned,
} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import {fill, type Text} from '../core/text.js';
import {configChanges, freshConfigChanges} from './config-changes.js';
import {renderDovecot} from './dialects/index.js';
import {foldDovecot} from './fold-dovecot.js';
import {foldMain, foldMaster} from './fold-postfix.js';
import {type Fresh, freshChanges, freshFindings, notCarriedOver, startsAgain} from './fresh.js';
import {withoutNamed} from './left-files.js';
import {inOrder} from './order.js';
import {firewallChanges} from './ports.js';
import {resourceChanges} from './resources.js';
import {silentTraps} from './silent-traps.js';
import {treeOf, withFiles} from './tree.js';
import type {OwnedWant} from './wants.js';

export type CompileInput = {
  readonly wants: readonly OwnedWant[];
  readonly facts: Facts;
  readonly platform: Platform;
  /** Keeps bytes of the plan and names them by digest. */
  readonly put: (text: string) => Digest;
  /** Where Dovecot starts again from its packages' own files: `facts` are of the machine as if it had only these. */
  readonly fresh?: Fresh;
};

export type Compiled = {
  /** Changes of the configuration stage in the order of applying. Some may turn out to change nothing. */
  readonly changes: readonly Change[];
  readonly edits: Plan['edits'];
  /** Edits that cannot be made, and what the review should say about where edits landed. */
  readonly findings: readonly Finding[];
};

/** Turns wants into typed changes. Pure: the same wants on the same facts give the same changes. */
export const compile = (input: CompileInput): Compiled => {
  const edits = editsOf(input);
  const tree = treeOf(input.facts);
  const {dovecot, main, master} = foldAll(edits, input.facts, dialectOf(input));
  const {fresh, facts, put} = input;
  const final = (files: ReadonlyMap<string, string>, path: string) =>
    files.get(path) ?? tree.read(path) ?? '';
  const left = withoutNamed(input.wants, [
    final(main.files, mainPath(facts)),
    final(master.files, masterPath(facts)),
  ]);
  const changes = [
    ...resourceChanges({...input, wants: left.wants}),
    ...(fresh === undefined
      ? configChanges('dovecot', dovecot, tree, put)
      : freshConfigChanges(dovecot, startsAgain(fresh), fresh.present, put)),
    ...configChanges('main.cf', main, tree, put),
    ...configChanges('master.cf', master, tree, put),
    ...firewallChanges(input.wants, facts),
  ];

  return {
    changes: inOrder(
      fresh === undefined
        ? changes
        : [...changes, ...freshChanges(fresh, facts, changes, dovecot.files.keys())],
    ),
    edits,
    findings: [
      ...(fresh === undefined
        ? []
        : freshFindings(
            notCarriedOver(treeOf({...facts, files: fresh.present}), tree, withFiles(tree, dovecot.files)),
          )),
      ...findingsOf(dovecot),
      ...findingsOf(main),
      ...findingsOf(master),
      ...left.findings,
      ...silentTraps(tree, withFiles(tree, dovecot.files), dialectOf(input)),
    ],
  };
};

/** Folds all edits of a plan on the configuration that the facts hold. */
export const foldAll = (edits: Plan['edits'], facts: Facts, dialect: DovecotDialect) => {
  const tree = treeOf(facts);
  return {
    dovecot: foldDovecot(tree, edits.dovecot, {dialect}),
    main: foldPostfixFile(tree, mainPath(facts), edits.main, foldMain),
    master: foldPostfixFile(tree, masterPath(facts), edits.master, foldMaster),
  };
};

/** Dialect of the Dovecot that is there, or will be. */
export const dialectOf = ({facts, platform}: {readonly facts: Facts; readonly platform: Platform}) =>
  facts.dovecot?.dialect ?? platform.dovecot;

export const mainPath = (facts: Facts) => `${facts.postfix?.directory ?? '/etc/postfix'}/main.cf`;
export const masterPath = (facts: Facts) => `${facts.postfix?.directory ?? '/etc/postfix'}/master.cf`;

const editsOf = ({wants, facts, platform}: CompileInput): Plan['edits'] => {
  const dialect = dialectOf({facts, platform});
  const dovecot: Owned<DovecotEdit>[] = [];
  const main: Owned<MainEdit>[] = [];
  const master: Owned<MasterEdit>[] = [];
  for (const {section, want} of wants) {
    if ('in' in want && want.in === 'dovecot') {
      dovecot.push(...renderDovecot(want, dialect).map(edit => ({section, edit})));
    } else if ('in' in want) {
      const {kind: _kind, in: _in, at, ...rest} = want;
      main.push({
        section,
        edit: {...(want.kind === 'item' ? {op: 'item'} : {}), key: at, ...rest} as MainEdit,
      });
    } else if (want.kind === 'master') {
      const {kind: _kind, ...rest} = want;
      master.push({section, edit: {op: 'service', ...rest}});
    }
  }

  return {dovecot, main, master};
};

const foldPostfixFile = <E>(
  tree: ConfigTree,
  path: string,
  edits: readonly Owned<E>[],
  fold: (path: string, text: string, edits: readonly Owned<E>[]) => Folded<E>,
): Folded<E> =>
  edits.length === 0 ? {files: new Map(), placed: [], refused: []} : fold(path, tree.read(path) ?? '', edits);

const findingsOf = <E>({placed, refused}: Folded<E>): readonly Finding[] => [
  ...refused.map(({section, reason}, index) => ({
    id: `refused:${section}:${index}`,
    section,
    severity: 'fail' as const,
    summary: reason,
    remedy: texts.refusedRemedy,
  })),
  ...placed.flatMap(({section, note, file}, index) =>
    note === undefined
      ? []
      : [
          {
            id: `placed:${file}:${index}`,
            section,
            severity: 'warning' as const,
            summary: note,
            remedy: fill(texts.placedRemedy, {file}),
          },
        ],
  ),
];

const texts = {
  refusedRemedy: {
    en: 'Make the place unambiguous by hand, or leave this section out.',
    ja: '該当箇所を手作業で一意にするか、このセクションを除外してください。',
  },
  placedRemedy: {
    en: 'Nothing to do; look at {file} in the diff.',
    ja: '対処は不要です。差分の {file} を確認してください。',
  },
} satisfies Record<string, Text>;
