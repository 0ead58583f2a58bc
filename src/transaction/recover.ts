import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Outcome} from '../core/run-event.js';
import {fill, type Text} from '../core/text.js';
import {folderBlobs} from '../system/blobs.js';
import {disarmBoot} from './boot-unit.js';
import {close} from './close.js';
import {revertUnconfirmed} from './countdown.js';
import {type Execution, tell} from './execute.js';
import type {Entry} from './journal.js';
import {executionOf, type RunInput} from './open.js';
import {rollBackNow} from './roll-back.js';
import {
  blobsOf,
  currentId,
  dropCurrent,
  dropUnbegun,
  folderOf,
  openStore,
  readTransaction,
  type StoredTransaction,
} from './store.js';

/** Finishes what was cut short: before the point of no return everything goes back, after it the rest is cleaned up. */
export const recover = async (input: RunInput): Promise<Outcome | undefined> => {
  const {system} = input;
  openStore(system.files);
  const id = currentId(system.files);
  const stored = id === undefined ? undefined : readTransaction(system.files, id);
  if (id === undefined || stored === undefined) {
    disarmBoot(system.files);
    dropCurrent(system.files);
    dropUnbegun(system.files);
    return undefined;
  }

  // What could not be put back before may be possible now (a full disk, a service manager that was going down), and undoing
  // never writes over what others did. A journal that is damaged says nothing that could be relied on.
  if (stored.state === 'damaged') {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.stuck, {id, folder: folderOf(id)}),
      remedy: texts.stuckRemedy,
    });
  }

  const started = Date.now();
  const execution = executionOf({...input, blobs: folderBlobs(system.files, blobsOf(id))}, id);
  const outcome = await finishCut(execution, stored);
  tell(execution, {type: 'finished', outcome, ms: Date.now() - started});
  return outcome;
};

const finishCut = async (execution: Execution, {plan, state}: StoredTransaction): Promise<Outcome> => {
  if (isReverting(execution.journal.entries())) {
    return revertUnconfirmed(execution, plan);
  }

  if (!['committed', 'rolled-back', 'closed'].includes(state)) {
    return rollBackNow(execution, plan, 'rolled-back');
  }

  close(execution);
  return state === 'rolled-back' ? 'rolled-back' : 'committed';
};

// Also where it got stuck in that: what was to stay still stays.
const isReverting = (entries: readonly Entry[]) =>
  entries.findLast(
    (entry): entry is Extract<Entry, {t: 'state'}> => entry.t === 'state' && entry.state !== 'stuck',
  )?.state === 'reverting';

const texts = {
  stuck: {
    en: 'The transaction {id} is in a state that cannot be resolved safely; everything is kept in {folder}.',
    ja: 'トランザクション {id} は安全に解決できない状態です。すべて {folder} に残っています。',
  },
  stuckRemedy: {
    en: '“dovetail rollback” shows it file by file and leads through it.',
    ja: '「dovetail rollback」でファイルごとの状態を確認しながら解決できます。',
  },
} satisfies Record<string, Text>;
