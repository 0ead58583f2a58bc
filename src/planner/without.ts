import {merge3} from '../config/merge.js';
import type {ChangeOf} from '../core/change.js';
import type {DovecotDialect, Owned} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import type {Plan} from '../core/plan.js';
import {foldAll} from './compile.js';

export type WithoutInput = {
  readonly plan: Pick<Plan, 'edits'>;
  readonly section: string;
  /** The machine as it is now. */
  readonly facts: Facts;
  readonly dialect: DovecotDialect;
  /** Configuration files of the transaction, with their text before and after it; before is undefined for a file it made. */
  readonly edited: readonly {readonly path: string; readonly before?: string; readonly after: string}[];
};

/** What a file should hold without the section; `undefined` = no such file. `theirs`: what others changed there stays. */
export type Without = {readonly text: string | undefined; readonly theirs: boolean};

/**
 * What configuration files would hold had one section never been asked for: the edits of the others are folded again on the
 * texts of before, and what others changed since is merged in. So undoing A after A and B is B alone, by construction.
 */
export const withoutSection = ({plan, section, facts, dialect, edited}: WithoutInput) => {
  const then = asBefore(facts, edited);
  const all = texts(plan.edits, then, dialect);
  const others = texts(
    {
      dovecot: plan.edits.dovecot.filter(notOf(section)),
      main: plan.edits.main.filter(notOf(section)),
      master: plan.edits.master.filter(notOf(section)),
    },
    then,
    dialect,
  );
  return ({path}: Pick<ChangeOf<'config.edit'>, 'path'>): Without => {
    const file = edited.find(entry => entry.path === path);
    const now = facts.files[path];
    if (file === undefined || now === undefined || (all.get(path) ?? file.before) !== file.after) {
      // Placed differently by now (an include came or went): whose line is whose cannot be told.
      return {text: now, theirs: true};
    }

    const target = others.get(path) ?? file.before;
    if (now === file.after) {
      return {text: target, theirs: false};
    }

    const {text, conflicts} = merge3(file.after, target ?? '', now);
    return {
      text: target === undefined && text.trim() === '' ? undefined : text,
      theirs: conflicts.length > 0,
    };
  };
};

const notOf =
  (section: string) =>
  <E>(owned: Owned<E>) =>
    owned.section !== section;

const asBefore = (facts: Facts, edited: WithoutInput['edited']): Facts => {
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

const texts = (edits: Plan['edits'], facts: Facts, dialect: DovecotDialect): ReadonlyMap<string, string> => {
  const {dovecot, main, master} = foldAll(edits, facts, dialect);
  return new Map([...dovecot.files, ...main.files, ...master.files]);
};
