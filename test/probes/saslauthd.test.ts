import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {secret} from '../../src/core/secret.js';
import {askSaslauthd} from '../../src/probes/saslauthd.js';
import {realFiles} from '../../src/system/files.js';
import type {Host} from '../../src/system/types.js';

const folder = mkdtempSync(join(tmpdir(), 'dovetail-sasl-'));
const socket = join(folder, 'mux');
const host = {files: realFiles()} as Partial<Host> as Host;
const heard: string[][] = [];
let server: Server;

const words = (bytes: Buffer) => {
  const found: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; at += 2 + bytes.readUInt16BE(at)) {
    found.push(bytes.toString('utf8', at + 2, at + 2 + bytes.readUInt16BE(at)));
  }

  return found;
};

// As saslauthd(8) speaks: four strings, each with its length; the answer has a length too.
test.before(async () => {
  server = createServer(connection => {
    let bytes = Buffer.alloc(0);
    connection.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk]);
      const said = words(bytes);
      if (said.length === 4) {
        heard.push(said);
        const answer = Buffer.from(said[1] === 'grüß dich' ? 'OK' : 'NO no mechanism');
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        connection.end(Buffer.concat([length, answer]));
      }
    });
  });
  await new Promise<void>(resolve => server.listen(socket, resolve));
});
test.after.always(() => {
  server?.close();
  rmSync(folder, {recursive: true, force: true});
});

const tried = async (at: string, value?: string) =>
  askSaslauthd(
    {kind: 'saslauthd', socket: at, user: 'carl', password: {held: 's'}},
    {host, open: () => (value === undefined ? undefined : secret(value))},
  );

test('a password is asked of saslauthd as Postfix would: taken, or not', async t => {
  t.like((await tried(socket, 'grüß dich'))[0], {severity: 'pass'});
  const [wrong] = await tried(socket, 'another');
  t.like(wrong, {severity: 'fail'});
  t.regex(wrong?.summary.en ?? '', /carl/);
  t.deepEqual(heard, [
    ['carl', 'grüß dich', 'smtp', ''],
    ['carl', 'another', 'smtp', ''],
  ]);
  t.false(JSON.stringify(wrong).includes('another'));
});

test('where saslauthd is not there yet, or the password is not known, nothing is called good', async t => {
  t.like((await tried(join(folder, 'none'), 'x'))[0], {severity: 'unchecked'});
  t.like((await tried(socket))[0], {severity: 'unchecked'});
  t.is((await tried(socket)).length, 1);
});
