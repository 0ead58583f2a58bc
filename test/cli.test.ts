import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, constants, mkdtempSync, openSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';

const cli = new URL('../src/cli.js', import.meta.url).pathname;

const help = async (stdout: number) => {
  const child = spawn(process.execPath, [cli, '--help'], {stdio: ['ignore', stdout, 'pipe']});
  let said = '';
  child.stderr?.on('data', chunk => {
    said += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number];
  return {code, said};
};

test('whoever reads along may stop: nothing is said of it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  const pipe = join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(pipe, constants.O_WRONLY);
  closeSync(reader);
  t.deepEqual(await help(writer), {code: 0, said: ''});
  closeSync(writer);
  rmSync(folder, {recursive: true});
});

test('what could not be written is not called done', async t => {
  const full = openSync('/dev/full', 'w');
  const {code, said} = await help(full);
  closeSync(full);
  t.is(code, 1);
  t.regex(said, /ENOSPC/);
});
