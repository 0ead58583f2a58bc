import {handlerOf} from '../changes/index.js';
import type {InverseContext} from '../changes/types.js';
import type {Change} from '../core/change.js';
import type {Finding} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {dialectOf} from '../planner/compile.js';
import {inOrder} from '../planner/order.js';
import {editsWithout, withoutSection} from '../planner/without.js';
import type {memoryBlobs} from '../system/blobs.js';
import type {Blobs} from '../system/types.js';
import {doneChanges} from '../transaction/entries.js';
import type {StoredTransaction} from '../transaction/store.js';
import type {Machine} from './machine.js';

/** Changes that take one section's part of an earlier transaction back, in the order of applying. */
export const inverses = ({
  machine,
  stored,
  later,
  section,
  keptBy,
  blobs,
  notes,
  read,
}: {
  readonly machine: Pick<Machine, 'facts' | 'platform'>;
  readonly stored: StoredTransaction;
  /** Transactions since, oldest first. */
  readonly later: readonly StoredTransaction[];
  readonly section: string;
  /** Bytes that a transaction kept. */
  readonly keptBy: (id: string) => Pick<Blobs, 'get'>;
  readonly blobs: ReturnType<typeof memoryBlobs>;
  readonly notes: Finding[];
  readonly read: InverseContext['read'];
}): readonly Change[] => {
  const done = doneChanges(stored.entries);
  const stays = (what: string) => {
    notes.push({
      id: `stays:${what}`,
      section,
      severity: 'warning',
      summary: fill(texts.stays, {what}),
      remedy: texts.staysRemedy,
    });
  };
  const without = withoutSection({
    section,
    facts: machine.facts,
    dialect: dialectOf(machine),
    histories: [[stored, ...later], [stored]].map(transactions => ({
      edits: editsInForce(transactions),
      edited: editedFiles(transactions, keptBy),
    })),
  });
  const context: Omit<InverseContext, 'alone'> = {
    section,
    blobs: keptBy(stored.id),
    put: blobs.put,
    read,
    stays,
    id: id => id,
    without: change => {
      const {text: target, theirs} = without(change);
      if (theirs) {
        stays(change.path);
      }

      return target;
    },
  };
  return inOrder(
    done
      .filter(({change}) => change.sections.includes(section))
      .flatMap(({change, before, after}) =>
        handlerOf(change).inverse(change, before, after, {...context, alone: change.sections.length === 1}),
      ),
  );
};

/** What transactions asked for that are in force; a section that was taken back since has not asked. */
const editsInForce = (transactions: readonly StoredTransaction[]) => {
  const committed = transactions.filter(({state}) => state === 'committed');
  return committed
    .filter(({plan}) => plan.undoes === undefined)
    .map(({id, plan}) =>
      committed
        .flatMap(({plan: {undoes}}) => (undoes?.id === id ? [undoes.section] : []))
        .reduce(editsWithout, plan.edits),
    );
};

// A file may be edited several times (mail is held back, then let go; and again later): the ends count.
const editedFiles = (
  transactions: readonly StoredTransaction[],
  keptBy: (id: string) => Pick<Blobs, 'get'>,
) => {
  const edits = transactions.flatMap(({id, entries, plan: {fresh}}) =>
    doneChanges(entries).flatMap(({change}) =>
      // Where a configuration started again, its edits stand on that and not on what was there.
      change.kind === 'config.edit'
        ? [{id, change, base: change.path in (fresh ?? {}) ? fresh?.[change.path] : change.before}]
        : [],
    ),
  );
  return [...new Set(edits.map(({change}) => change.path))].map(path => {
    const own = edits.filter(({change}) => change.path === path);
    const text = (of: (typeof own)[number] | undefined, digest: string | null | undefined) =>
      of === undefined || digest === null || digest === undefined
        ? undefined
        : keptBy(of.id).get(digest).toString('latin1');
    const before = text(own[0], own[0]?.base);
    const after = text(own.at(-1), own.at(-1)?.change.after) ?? '';
    return {path, after, ...(before === undefined ? {} : {before})};
  });
};

const texts = {
  stays: {
    en: '{what} stays: it is not as this section left it, or others stand on it.',
    ja: '{what} はこのセクションが残した状態と異なるか、ほかで使われているため、そのままにします。',
  },
  staysRemedy: {
    en: 'Look at it by hand, or undo the whole transaction.',
    ja: '手作業で確認するか、トランザクション全体を元に戻してください。',
  },
} satisfies Record<string, Text>;
