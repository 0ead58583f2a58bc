import {fork} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Change} from '../../src/core/change.js';
import {ProblemError} from '../../src/core/finding.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import type {Blobs, System} from '../../src/system/types.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {blobsOf} from '../../src/transaction/store.js';
import type {Order} from './editor.js';
import {failing} from './model.js';
import {common, planOf, shownAs} from './tree-plan.js';

/** How many rounds ended in which way, and what must not have happened, in words. */
export type Rounds = {
  readonly ended: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
};

/**
 * So many transactions that edit a file, the proof of every other pair failing, while an editor saves the same file once at a
 * random moment of each, in place and by rename. Nothing is wrong where each of its texts is at the path or among what was kept.
 */
export const editRounds = async (system: System, path: string, rounds: number): Promise<Rounds> => {
  const file = join(system.tree, path);
  const base = readFileSync(file, 'utf8');
  const editor = fork(new URL('editor.js', import.meta.url));
  const ended: Record<string, number> = {};
  const wrong: string[] = [];
  let span = 60;
  for (let round = 0; round < rounds; round += 1) {
    writeFileSync(file, base);
    const blobs = memoryBlobs();
    const change: Change = {
      id: 'c',
      sections: ['s'],
      kind: 'config.edit',
      family: 'dovecot',
      path,
      before: blobs.put(Buffer.from(base)),
      after: blobs.put(Buffer.from(`${base}# ours\n`)),
      keepOwnership: true,
    };
    const mark = `edit ${round}.`;
    const byRename = round % 2 === 0;
    const saved = once(editor, 'message');
    const order: Order = {path: file, text: `${base}# ${mark}\n`, after: Math.random() * span, byRename};
    editor.send(order);
    const started = performance.now();
    const id = idOf(round);
    const outcome = await apply(system, blobs, id, change, round % 4 < 2);
    // The next one is saved within the time that this one took.
    span = (performance.now() - started) * 1.1;
    await saved;
    ended[outcome] = (ended[outcome] ?? 0) + 1;
    const kept = join(system.tree, blobsOf(id));
    const texts = [
      readFileSync(file, 'utf8'),
      ...(outcome === 'refused' ? [] : readdirSync(kept).map(name => readFileSync(join(kept, name), 'utf8'))),
    ];
    if (!texts.some(text => text.includes(mark))) {
      wrong.push(`round ${round}, ${byRename ? 'by rename' : 'in place'}, ${outcome}: lost`);
    }

    const beside = readdirSync(dirname(file)).filter(name => name.includes('dovetail'));
    wrong.push(...beside.map(name => `round ${round}: ${name} was left`));
  }

  editor.disconnect();
  writeFileSync(file, base);
  return {ended, wrong};
};

/** So many transactions that write, edit and delete in a folder that is not root's alone. */
export const raceRounds = async (system: System, folder: string, rounds: number): Promise<Rounds> => {
  const ended: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    const blobs = memoryBlobs();
    const change = attack(folder, round, blobs);
    const outcome = await apply(system, blobs, idOf(round), change, false);
    ended[outcome] = (ended[outcome] ?? 0) + 1;
  }

  return {ended, wrong: []};
};

/** What stands in the files that `raceRounds` goes for, in the folder and wherever a link may lead it. */
export const racedText = 'root’s own\n';
/** Their names. */
export const racedNames = ['conf', 'gone', 'table'];

// The oldest are forgotten first: each is younger than the one before, and than all that the machine knew.
const started = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const idOf = (round: number) => `${started}-${String(round).padStart(6, '0')}`;

const apply = async (system: System, blobs: Blobs, id: string, change: Change, fails: boolean) =>
  applyPlan({
    ...common,
    plan: planOf(id, [shownAs(change, '')]),
    blobs,
    system,
    interrupted: () => false,
    prove: async () => (fails ? [failing] : []),
    onUnproved: 'roll-back',
  }).catch((error: unknown) => {
    if (error instanceof ProblemError) {
      return 'refused';
    }

    throw error;
  });

const attack = (folder: string, round: number, blobs: Blobs): Change => {
  const own = {
    id: 'c',
    sections: ['s'],
    owner: `${process.getuid?.()}`,
    group: `${process.getgid?.()}`,
    mode: 0o600,
    secret: false,
  };
  const ways: readonly Change[] = [
    {...own, kind: 'file.write', path: `${folder}/fresh`, content: [{text: 'taken over\n'}]},
    {...own, kind: 'directory.create', path: `${folder}/new`},
    {...own, kind: 'file.delete', path: `${folder}/gone`},
    {
      ...own,
      kind: 'rows.edit',
      path: `${folder}/table`,
      format: 'table',
      rows: [{section: 's', key: 'ours', state: 'present', content: [{text: 'ours y'}]}],
    },
    {
      id: 'c',
      sections: ['s'],
      kind: 'config.edit',
      family: 'other',
      path: `${folder}/conf`,
      before: blobs.put(Buffer.from(racedText)),
      after: blobs.put(Buffer.from('taken over\n')),
      keepOwnership: true,
    },
    {...own, kind: 'file.write', path: `${folder}/conf`, content: [{text: 'taken over\n'}]},
  ];
  return ways[round % ways.length] as Change;
};
