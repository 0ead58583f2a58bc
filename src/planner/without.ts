import {merge3} from '../config/merge.js';
import type {ChangeOf} from '../core/change.js';
import type {DovecotDialect, Owned} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import type {Plan} from '../core/plan.js';
import {foldAll} from './compile.js';

/** What was asked for, transaction by transaction, and what came of it. */
export type AskedFor = {
  /** The section is taken from the first. */
  readonly edits: readonly Plan['edits'][];
  /** Configuration files, with their text before the first and after the last; before is undefined for one that was made. */
  readonly edited: readonly {readonly path: string; readonly before?: string; readonly after: string}[];
};

export type WithoutInput = {
  readonly section: string;
  /** The machine as it is now. */
  readonly facts: Facts;
  readonly dialect: DovecotDialect;
  /** With the transactions since, and that one alone: the first that explains a file is used for it. */
  readonly histories: readonly AskedFor[];
};

/** What a file should hold without the section; `undefined` = no such file. `theirs`: what others changed there stays. */
export type Without = {readonly text: string | undefined; readonly theirs: boolean};

/**
 * What configuration files would hold had one section never been asked for: the edits of the others are folded again on the
 * texts of before, then those of later transactions, and what others changed since is merged in. So undoing A after A and B is
 * B alone, by construction.
 */
export const withoutSection = ({section, facts, dialect, histories}: WithoutInput) => {
  const replayed = histories.map(({edits, edited}) => {
    const then = asBefore(facts, edited);
    const [first, ...later] = edits;
    return {
      edited,
      all: texts(edits, then, dialect),
      others: texts(first === undefined ? [] : [editsWithout(first, section), ...later], then, dialect),
    };
  });
  return ({path}: Pick<ChangeOf<'config.edit'>, 'path'>): Without => {
    const now = facts.files[path];
    for (const {edited, all, others} of replayed) {
      const file = edited.find(entry => entry.path === path);
      if (file !== undefined && now !== undefined && (all.get(path) ?? file.before) === file.after) {
        return merged(others.get(path) ?? file.before, file.after, now);
      }
    }

    // Placed differently by now (an include came or went): whose line is whose cannot be told.
    return {text: now, theirs: true};
  };
};

const merged = (target: string | undefined, after: string, now: string): Without => {
  if (now === after) {
    return {text: target, theirs: false};
  }

  const {text, conflicts} = merge3(after, target ?? '', now);
  return {
    text: target === undefined && text.trim() === '' ? undefined : text,
    theirs: conflicts.length > 0,
  };
};

/** What was asked for but by one section. */
export const editsWithout = ({dovecot, main, master}: Plan['edits'], section: string): Plan['edits'] => ({
  dovecot: dovecot.filter(notOf(section)),
  main: main.filter(notOf(section)),
  master: master.filter(notOf(section)),
});

const notOf =
  (section: string) =>
  <E>(owned: Owned<E>) =>
    owned.section !== section;

const asBefore = (facts: Facts, edited: AskedFor['edited']): Facts => {
  const files: Record<string, string> = {...facts.files};
  for (const {path, before} of edited) {
    if (before === undefined) {
      delete files[path];
    } else {
      files[path] = before;
    }
  }

  return {...facts, files};
};

// One transaction after the other, each on what the one before it left.
const texts = (
  edits: readonly Plan['edits'][],
  facts: Facts,
  dialect: DovecotDialect,
): ReadonlyMap<string, string> => {
  const folded = new Map<string, string>();
  for (const asked of edits) {
    const now = {...facts, files: {...facts.files, ...Object.fromEntries(folded)}};
    const {dovecot, main, master} = foldAll(asked, now, dialect);
    for (const [path, text] of [...dovecot.files, ...main.files, ...master.files]) {
      folded.set(path, text);
    }
  }

  return folded;
};
