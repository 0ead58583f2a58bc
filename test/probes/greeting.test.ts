import {createServer, type Server} from 'node:net';
import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {play} from '../../src/probes/dialogue.js';
import {strictGreeting} from '../../src/probes/greeting.js';
import type {ProbeContext} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';

/** A server that answers by the first word of a line. */
const listening = (replies: Readonly<Record<string, string>>) =>
  new Promise<Server>(resolve => {
    const server = createServer(socket => {
      socket.setEncoding('latin1');
      socket.on('error', () => undefined);
      socket.write('220 mail\r\n');
      socket.on('data', line => {
        socket.write(`${replies[String(line).split(/[ \r]/, 1)[0] ?? ''] ?? '250 ok'}\r\n`);
      });
    }).listen(0, '127.0.0.1', () => resolve(server));
  });

const strict = {VRFY: '502 5.5.1 VRFY command is disabled', MAIL: '503 5.5.1 Error: send HELO/EHLO first'};

const judge = async (replies: Readonly<Record<string, string>>, asked = {vrfy: true, helo: true}) => {
  const server = await listening(replies);
  const {port} = server.address() as {port: number};
  const probe = {id: 'g', section: 'hardening', kind: 'strict-greeting', port, ...asked} satisfies Probe;
  const run = () => Promise.resolve({exitCode: null, stdout: ''});
  const found = await strictGreeting(probe, {host: {run} as unknown as Host, play} as ProbeContext);
  server.close();
  return found.map(({id, severity}) => `${id} ${severity}`);
};

test('who asks for addresses and who does not greet is refused, also while refusals are put off', async t => {
  t.deepEqual(await judge(strict), ['g:vrfy pass', 'g:helo pass']);
  t.deepEqual(await judge({VRFY: '402 no', MAIL: '403 no'}), ['g:vrfy pass', 'g:helo pass']);
});

test('an answer of any other kind is a door that is open', async t => {
  t.deepEqual(await judge({...strict, VRFY: '252 2.0.0 postmaster'}), ['g:vrfy fail', 'g:helo pass']);
  t.deepEqual(await judge({...strict, VRFY: '550 5.1.1 unknown'}), ['g:vrfy fail', 'g:helo pass']);
  t.deepEqual(await judge({VRFY: strict.VRFY}), ['g:vrfy pass', 'g:helo fail']);
});

test('a server that has no time says nothing, and what was not asked for is not looked at', async t => {
  const many = '450 4.7.1 Error: too much mail from 127.0.0.1';
  t.deepEqual(await judge({VRFY: '421 busy', MAIL: '421 busy'}), ['g:vrfy unchecked', 'g:helo unchecked']);
  t.deepEqual(await judge({...strict, MAIL: many}), ['g:vrfy pass', 'g:helo unchecked']);
  t.deepEqual(await judge({}, {vrfy: false, helo: false}), []);
});
