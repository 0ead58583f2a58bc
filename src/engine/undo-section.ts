import {handlerOf} from '../changes/index.js';
import type {InverseContext} from '../changes/types.js';
import type {Change} from '../core/change.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {version} from '../core/version.js';
import type {Content} from '../core/want.js';
import {activationsOf} from '../planner/activations.js';
import {dialectOf} from '../planner/compile.js';
import {inOrder} from '../planner/order.js';
import {withoutSection} from '../planner/without.js';
import {openView} from '../stage/view.js';
import {folderBlobs, memoryBlobs} from '../system/blobs.js';
import {doneChanges} from '../transaction/entries.js';
import {simulate} from '../transaction/simulate.js';
import {blobsOf, type StoredTransaction} from '../transaction/store.js';
import {stagesOf} from './hold.js';
import type {Machine} from './machine.js';
import {previewContext} from './contents.js';
import {diffEffective, effectiveOf} from './effective.js';
import {type MadePlan, newPlanId} from './make-plan.js';

/** Plans a new transaction that takes one section's part of an earlier one back; the other sections stay as they are. */
export const planUndoOfSection = async (
  {system, facts, platform}: Machine,
  stored: StoredTransaction,
  section: string,
): Promise<MadePlan> => {
  const blobs = memoryBlobs();
  const kept = folderBlobs(system.files, blobsOf(stored.id));
  const notes: Finding[] = [];
  const changes = inverses({
    machine: {facts, platform},
    stored,
    section,
    kept,
    blobs,
    notes,
    read: path => system.files.read(path, {follow: true})?.toString('latin1'),
  });
  const resolve = (content: Content) =>
    Buffer.concat(
      content.map(part =>
        'blob' in part ? blobs.get(part.blob) : Buffer.from('text' in part ? part.text : '', 'latin1'),
      ),
    );
  const view = await openView(system);
  try {
    const before = await effectiveOf(view);
    const simulation = await simulate(
      changes,
      view.system,
      {blobs, resolve, transaction: 'plan', say: () => undefined},
      previewContext(view, blobs, resolve),
    );
    const broken = simulation.findings.filter(({severity}) => severity === 'fail');
    if (broken.length > 0) {
      view.close();
      return {kind: 'refused', findings: broken};
    }

    const edits = {
      dovecot: stored.plan.edits.dovecot.filter(edit => edit.section === section),
      main: stored.plan.edits.main.filter(edit => edit.section === section),
      master: stored.plan.edits.master.filter(edit => edit.section === section),
    };
    const planned = simulation.changes.map(({change}) => change);
    const plan: Plan = {
      version: 1,
      id: newPlanId(),
      made: new Date().toISOString(),
      tool: version,
      platform: stored.plan.platform,
      ...(facts.dovecot === undefined ? {} : {dovecot: facts.dovecot.version}),
      ...(facts.postfix === undefined ? {} : {postfix: facts.postfix.version}),
      undoes: {id: stored.id, section},
      sections: [section],
      stages: stagesOf({
        planned: simulation.changes,
        packages: [],
        facts,
        platform,
        blobs,
        withPostfix: true,
      }),
      activations: activationsOf(planned, edits, facts, platform),
      edits: {dovecot: [], main: [], master: []},
      effective: diffEffective(before, await effectiveOf(view)),
      probes: [],
      notes: [...notes, ...simulation.findings],
    };
    return {kind: 'plan', plan, blobs, resolve, keep: () => undefined, close: view.close};
  } catch (error) {
    view.close();
    throw error;
  }
};

/** Whether a transaction has a part of this section that was not taken back already. */
export const holdsSection = (
  {id, plan, state}: StoredTransaction,
  section: string,
  all: readonly StoredTransaction[],
) =>
  state === 'committed' &&
  plan.undoes === undefined &&
  plan.accounts === undefined &&
  plan.stages.some(({changes}) => changes.some(({change}) => change.sections.includes(section))) &&
  !all.some(
    other =>
      other.state === 'committed' && other.plan.undoes?.id === id && other.plan.undoes.section === section,
  );

const inverses = ({
  machine,
  stored,
  section,
  kept,
  blobs,
  notes,
  read,
}: {
  readonly machine: Pick<Machine, 'facts' | 'platform'>;
  readonly stored: StoredTransaction;
  readonly section: string;
  readonly kept: ReturnType<typeof folderBlobs>;
  readonly blobs: ReturnType<typeof memoryBlobs>;
  readonly notes: Finding[];
  readonly read: InverseContext['read'];
}): readonly Change[] => {
  const text = (digest: string) => kept.get(digest).toString('latin1');
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
    plan: stored.plan,
    section,
    facts: machine.facts,
    dialect: dialectOf(machine),
    edited: editedFiles(
      done.map(({change}) => change),
      text,
    ),
  });
  const context: Omit<InverseContext, 'alone'> = {
    section,
    blobs: kept,
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

// A file may be edited several times in one transaction (mail is held back, then let go): the ends count.
const editedFiles = (changes: readonly Change[], text: (digest: string) => string) => {
  const edits = changes.filter(change => change.kind === 'config.edit');
  return [...new Set(edits.map(({path}) => path))].map(path => {
    const own = edits.filter(edit => edit.path === path);
    const first = own[0]?.before ?? null;
    return {path, after: text(own.at(-1)?.after ?? ''), ...(first === null ? {} : {before: text(first)})};
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
