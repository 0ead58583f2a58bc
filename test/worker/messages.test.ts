import {once} from 'node:events';
import {createConnection, createServer, type Socket} from 'node:net';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import test from 'ava';
import {line, readLines} from '../../src/worker/messages.js';

const read = (from: PassThrough | Socket) => {
  const {promise: ended, resolve} = Promise.withResolvers<void>();
  const messages: unknown[] = [];
  readLines(from, message => messages.push(message), resolve);
  return {messages, ended};
};

test('messages come one for each line, however the stream was cut up', async t => {
  const stream = new PassThrough();
  const {messages, ended} = read(stream);
  const bytes = Buffer.from(line({a: 'é\n'}) + line({b: 2}));
  for (const byte of bytes) {
    stream.write(Buffer.of(byte));
  }

  stream.end();
  await ended;
  t.deepEqual(messages, [{a: 'é\n'}, {b: 2}]);
});

test('what was begun and never finished is dropped', async t => {
  const stream = new PassThrough();
  const {messages, ended} = read(stream);
  stream.end(`${line(1)}{"half":`);
  await ended;
  t.deepEqual(messages, [1]);
});

test('a connection that is reset ends the reading and raises nothing', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'messages-'));
  const server = createServer().listen(join(folder, 'socket'));
  await once(server, 'listening');
  const ours = createConnection(join(folder, 'socket'));
  const [theirs] = (await once(server, 'connection')) as [Socket];
  const {messages, ended} = read(ours);
  theirs.write(line('last words'));
  // Closing with something unread is what resets a connection, as the end of a killed process does (unix(7)).
  theirs.pause();
  ours.write(Buffer.alloc(1 << 20));
  ours.once('data', () => setImmediate(() => theirs.destroy()));
  await ended;
  t.deepEqual(messages, ['last words']);
  server.close();
  rmSync(folder, {recursive: true});
});
