import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {handlerOf} from '../../src/changes/index.js';
import type {Change} from '../../src/core/change.js';
import type {Plan, PlannedChange} from '../../src/core/plan.js';
import {literal} from '../../src/core/text.js';
import {digestOf, memoryBlobs} from '../../src/system/blobs.js';
import type {System} from '../../src/system/types.js';
import {type ApplyInput, applyPlan} from '../../src/transaction/apply.js';

/** Paths that differ once that plan is applied. */
export const planDifferences = 7;

export const treePlanId = '20260101T000000Z-000000';

const me = `${process.getuid?.()}`;
const group = `${process.getgid?.()}`;
const oldText = '# keep me\nkey = old\n';
const newText = '# keep me\nkey = new\n';

/** A small tree on the real file system. */
export const makeTree = () => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  for (const folder of ['etc/dovecot', 'etc/systemd/system', 'var/lib']) {
    mkdirSync(join(root, folder), {recursive: true});
  }

  writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), oldText, {mode: 0o640});
  writeFileSync(join(root, 'etc/table'), 'theirs x\n', {mode: 0o600});
  writeFileSync(join(root, 'etc/gone'), 'bytes\n');
  return root;
};

/** A change as it stands in a plan. `seen`: digest of what was there. */
export const shownAs = (change: Change, seen: string): PlannedChange => ({
  change,
  seen,
  preview: {
    action: 'update',
    certainty: 'exact',
    reversible: 'exact',
    title: literal(change.id),
    body: [],
  },
});

/** The same with what is there now. */
export const shown = async (system: System, change: Change): Promise<PlannedChange> =>
  shownAs(change, digestOf(JSON.stringify(await handlerOf(change).observe(system, change))));

/** A plan of these changes and nothing else. */
export const planOf = (id: string, changes: readonly PlannedChange[]): Plan => ({
  version: 1,
  id,
  made: '2026-01-01T00:00:00Z',
  tool: 'test',
  platform: {id: 'debian12', name: 'Debian 12', forced: false},
  sections: ['s'],
  stages: [{name: 'configuration', changes}],
  activations: [],
  edits: {dovecot: [], main: [], master: []},
  effective: [],
  probes: [],
  notes: [],
});

/** A plan over it, one change of each sort that needs no program. */
export const makePlan = async (system: System) => {
  const blobs = memoryBlobs();
  const before = blobs.put(Buffer.from(oldText));
  const after = blobs.put(Buffer.from(newText));
  const own = {sections: ['s'], owner: me, group};
  const changes: readonly Change[] = [
    {...own, id: 'd', kind: 'directory.create', path: '/srv/a/b', mode: 0o700},
    {
      ...own,
      id: 'f',
      kind: 'file.write',
      path: '/etc/fresh',
      content: [{text: 'fresh\n'}],
      secret: false,
      mode: 0o600,
    },
    {
      ...own,
      id: 'r',
      kind: 'rows.edit',
      path: '/etc/table',
      format: 'table',
      rows: [{section: 's', key: 'ours', state: 'present', content: [{text: 'ours y'}]}],
      secret: false,
      mode: 0o600,
    },
    {
      sections: ['s'],
      id: 'c',
      kind: 'config.edit',
      family: 'dovecot',
      path: '/etc/dovecot/dovecot.conf',
      before,
      after,
      keepOwnership: true,
    },
    {sections: ['s'], id: 'x', kind: 'file.delete', path: '/etc/gone'},
  ];
  const planned = await Promise.all(changes.map(change => shown(system, change)));
  return {plan: planOf(treePlanId, planned), blobs};
};

export const common = {
  resolve: (content: readonly object[]) =>
    Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join('')),
  onEvent: () => undefined,
  boot: {file: '/usr/bin/true', args: []},
};

/** Applies it. */
export const run = async (
  system: System,
  {plan, blobs}: Awaited<ReturnType<typeof makePlan>>,
  confirm?: ApplyInput['confirm'],
) =>
  applyPlan({
    ...common,
    ...(confirm === undefined ? {} : {confirm}),
    plan,
    blobs,
    system,
    interrupted: () => false,
    prove: async () => [],
    onUnproved: 'roll-back',
  });
