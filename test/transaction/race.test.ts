import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {directorySystem} from '../../src/system/grounds.js';
import {racedNames, racedText, raceRounds} from '../helpers/rounds.js';

const rounds = 40;

test('a user lets links and directories change places under us: nothing that they lead to is touched', async t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  const victim = join(root, 'etc/victim');
  const folder = join(root, 'srv/mail/box');
  mkdirSync(join(root, 'var/lib'), {recursive: true});
  for (const place of [victim, folder]) {
    mkdirSync(place, {recursive: true});
    for (const name of racedNames) {
      writeFileSync(join(place, name), racedText);
    }
  }

  // Others may write here, as in a directory of their own.
  chmodSync(join(root, 'srv/mail'), 0o777);
  const program = new URL('../helpers/racer.js', import.meta.url).pathname;
  const racer = spawn(process.execPath, [program, folder, victim], {stdio: ['pipe', 'pipe', 'inherit']});
  t.teardown(() => racer.kill());
  await once(racer.stdout, 'readable');
  const {ended} = await raceRounds(directorySystem(root), '/srv/mail/box', rounds);
  racer.stdin.end();
  const turns = Number((await text(racer.stdout)).split('\n')[1]);
  for (const place of [victim, folder]) {
    t.deepEqual(readdirSync(place), racedNames);
    for (const name of racedNames) {
      t.is(readFileSync(join(place, name), 'utf8'), racedText);
    }
  }

  // Refused before anything was done, or while the way was looked at once more: never applied, never stuck.
  t.is((ended['refused'] ?? 0) + (ended['rolled-back'] ?? 0), rounds, JSON.stringify(ended));
  t.true(turns > rounds, 'the user was at it all the time');
  t.log(`${rounds} of ${rounds} rounds: ${JSON.stringify(ended)}; ${turns} turns of the user’s`);
  rmSync(root, {recursive: true});
});
