import {handlerOf} from '../../changes/index.js';
import {rowsInFile} from '../../config/rows/in-file.js';
import type {PreviewContext} from '../../changes/types.js';
import type {Change} from '../../core/change.js';
import {exitCode} from '../../core/exit-code.js';
import {type Finding, ProblemError} from '../../core/finding.js';
import type {Plan, PlannedChange} from '../../core/plan.js';
import type {Secret} from '../../core/secret.js';
import {fill, type Text} from '../../core/text.js';
import {version} from '../../core/version.js';
import {hash} from '../../materials/prepare.js';
import {digestOf, memoryBlobs} from '../../system/blobs.js';
import type {Blobs, System} from '../../system/types.js';
import {applyPlan} from '../../transaction/apply.js';
import {newPlanId} from '../plan-id.js';
import {type AccountAct, accountChanges} from './changes.js';
import type {AccountList} from './list.js';
import {tryAccount} from './prove.js';

/** Hashes a password as the list keeps them. It takes a while by intent, so it is done before anything is locked. */
export const hashFor = (system: System, {scheme}: AccountList, password: Secret) =>
  hash(system, ['BLF-CRYPT', 'SHA512-CRYPT', 'ARGON2ID'].includes(scheme) ? scheme : 'BLF-CRYPT', password);

/** Changes accounts and the tables that follow them as one transaction, tried by logging in; or leaves all as it was. */
export const changeAccounts = async (
  system: System,
  list: AccountList,
  act: AccountAct,
): Promise<readonly Finding[]> => {
  const blobs = memoryBlobs();
  const changes = accountChanges(system.files, list, act, blobs);
  const plan = await planOf(system, changes, act, blobs);
  const found: Finding[] = [];
  await secondAfter(system.files.lstat(list.file)?.mtimeNs);
  const outcome = await applyPlan({
    plan,
    blobs,
    system,
    resolve: content =>
      Buffer.concat(
        content.map(part =>
          'blob' in part ? blobs.get(part.blob) : Buffer.from('text' in part ? part.text : '', 'latin1'),
        ),
      ),
    interrupted: () => false,
    onEvent: event => event.type === 'finding' && found.push(event.finding),
    prove: async tell => {
      const finding = await shown(() => tryAccount(system, act));
      tell(finding);
      return [finding];
    },
    onUnproved: 'roll-back',
  });
  if (outcome !== 'committed') {
    throw new ProblemError({
      code: exitCode.rolledBack,
      what: fill(texts.failed, {name: act.name}),
      ...(found[0] === undefined ? {} : {cause: found[0].summary}),
      remedy: texts.failedRemedy,
    });
  }

  return found;
};

// Dovecot tells versions of the list apart by their size and by whole seconds of their time, and looks once a second
// (src/auth/db-passwd-file.c): a version must not share its second with the one before, and needs a second to be seen.
const secondAfter = async (mtimeNs = 0n) => {
  const next = (Number(mtimeNs / 1_000_000_000n) + 1) * 1000;
  await wait(Math.min(Math.max(next - Date.now(), 0), 1000));
};

const shown = async (look: () => Promise<Finding>): Promise<Finding> => {
  for (const end = Date.now() + 5000; ; await wait(500)) {
    const finding = await look();
    if (finding.severity !== 'fail' || Date.now() > end) {
      return finding;
    }
  }
};

const wait = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

const planOf = async (
  system: System,
  changes: readonly Change[],
  {act, name}: AccountAct,
  blobs: Blobs,
): Promise<Plan> => {
  const planned: PlannedChange[] = [];
  for (const change of changes) {
    const handler = handlerOf(change);
    const seen = await handler.observe(system, change);
    planned.push({
      change,
      preview: handler.preview(change, seen, previews(system, blobs)),
      seen: digestOf(JSON.stringify(seen)),
    });
  }

  return {
    version: 1,
    id: newPlanId(),
    made: new Date().toISOString(),
    tool: version,
    platform: {id: '', name: '', forced: false},
    accounts: {act, name},
    sections: ['users'],
    stages: [{name: 'configuration', changes: planned}],
    activations: [],
    edits: {dovecot: [], main: [], master: []},
    effective: [],
    probes: [],
    notes: [],
  };
};

const previews = ({files}: System, blobs: Blobs): PreviewContext => ({
  blobs,
  read: path => files.read(path, {follow: true})?.toString('latin1'),
  rowsOf: (path, keys, format) => rowsInFile(files, path, keys, format),
  masked: content => content.map(part => ('text' in part ? part.text : '•••')).join(''),
  certainty: 'exact',
});

const texts = {
  failed: {
    en: '{name} was not changed; all is as it was.',
    ja: '{name} は変更していません。すべて元のままです。',
  },
  failedRemedy: {
    en: 'See “journalctl -u dovecot”, then try again.',
    ja: '「journalctl -u dovecot」を確認し、もう一度実行してください。',
  },
} satisfies Record<string, Text>;
