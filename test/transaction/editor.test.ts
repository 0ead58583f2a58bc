import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {directorySystem} from '../../src/system/grounds.js';
import {stateFolder} from '../../src/transaction/store.js';
import {editRounds} from '../helpers/rounds.js';

const rounds = 60;

test('somebody saves a file at a random moment of a transaction, in place or by rename: no edit is lost', async t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'etc/dovecot'), {recursive: true});
  mkdirSync(join(root, 'var/lib'), {recursive: true});
  writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'a = 1\nb = 2\nc = 3\n');
  const {ended, wrong} = await editRounds(directorySystem(root), '/etc/dovecot/dovecot.conf', rounds);
  t.deepEqual(wrong, []);
  t.truthy(readdirSync(join(root, stateFolder, 'tx')).length);
  t.log(`${rounds} of ${rounds} edits kept: ${JSON.stringify(ended)}`);
  rmSync(root, {recursive: true});
});
