import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import {version} from '../core/version.js';
import type {Content} from '../core/want.js';
import {activationsOf} from '../planner/activations.js';
import {openView} from '../stage/view.js';
import {folderBlobs, memoryBlobs} from '../system/blobs.js';
import {simulate} from '../transaction/simulate.js';
import {blobsOf, listTransactions, type StoredTransaction} from '../transaction/store.js';
import {stagesOf} from './hold.js';
import {inverses} from './inverses.js';
import {wholeOnly} from './plan-refusals.js';
import type {Machine} from './machine.js';
import {previewContext} from './contents.js';
import {diffEffective, effectiveOf} from './effective.js';
import type {MadePlan} from './make-plan.js';
import {newPlanId} from './plan-id.js';

/** Plans a new transaction that takes one section's part of an earlier one back; the other sections stay as they are. */
export const planUndoOfSection = async (
  {system, facts, platform}: Machine,
  stored: StoredTransaction,
  section: string,
): Promise<MadePlan> => {
  if (section === 'packages' && stored.plan.fresh !== undefined) {
    return {kind: 'refused', findings: [wholeOnly(stored.id)]};
  }

  const blobs = memoryBlobs();
  const notes: Finding[] = [];
  const changes = inverses({
    machine: {facts, platform},
    stored,
    section,
    later: listTransactions(system.files)
      .filter(({id}) => id > stored.id)
      .toReversed(),
    keptBy: id => folderBlobs(system.files, blobsOf(id)),
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

    const planned = simulation.changes.map(({change}) => change);
    const plan: Plan = {
      version: 1,
      id: newPlanId(),
      made: new Date().toISOString(),
      tool: version,
      platform: {id: platform.id, name: platform.name, forced: platform.id !== facts.platformId},
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
      activations: activationsOf(planned, digest => blobs.get(digest).toString('latin1'), facts, platform),
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
