import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import type {ProbeContext, ScriptResult} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';
import {debian12Facts} from '../helpers/facts.js';

type Refusal = Extract<ScriptResult, {kind: 'refused'}>;

const refused = (reason: Refusal['reason'], over: Partial<Refusal> = {}): ScriptResult => ({
  kind: 'refused',
  reason,
  replies: [],
  ...over,
});

/** A server of which ports answer a stranger as they are said to, and all others never. */
const contextOf = (ports: Readonly<Record<number, ScriptResult>>, run: Host['run'] = slow): ProbeContext => ({
  host: {run} as unknown as Host,
  facts: debian12Facts(),
  address: '192.0.2.1',
  open: () => undefined,
  holding: false,
  applying: false,
  postfixUnit: 'postfix',
  since: '',
  play: () => Promise.reject(new Error('nothing is asked from here')),
  outside: {
    addresses: [{family: 4, address: '192.0.2.1'}],
    play: ({port}) => Promise.resolve(ports[port] ?? refused('timeout')),
  },
});
const slow: Host['run'] = () =>
  Promise.resolve({exitCode: null, stdout: '', stderr: '', timedOut: true, missing: false});

const strangers: Probe = {id: 's', section: 'lmtp', kind: 'closed-to-strangers', port: 2003};
const plaintext: Probe = {
  id: 'p',
  section: 'protocols',
  kind: 'no-plaintext-login',
  protocol: 'imap',
  port: 143,
};
const found = async (probe: Probe, context: ProbeContext) =>
  (await runProbes([probe], context, undefined, () => undefined)).map(({severity, summary, cause}) => ({
    severity,
    words: summary.en + (cause?.en ?? ''),
  }));

for (const reason of ['connection-refused', 'unreachable'] as const) {
  test(`a port that refuses strangers (${reason}) is closed to them`, async t => {
    t.like(await found(strangers, contextOf({2003: refused(reason)})), [{severity: 'pass'}]);
  });
}

test('a port that says nothing while another answers is closed by a filter, and that is said', async t => {
  const [only] = await found(strangers, contextOf({25: refused('tls', {connected: true})}));
  t.is(only?.severity, 'pass');
  t.regex(only?.words ?? '', /Port 2003 says nothing .* while port 25 answers/);
});

test('where nothing answers at all, nothing was checked', async t => {
  const context = contextOf({25: refused('connection-refused')});
  t.like(await found(strangers, context), [{severity: 'unchecked'}]);
  t.like(await found(plaintext, context), [{severity: 'unchecked'}]);
});

test('a port that takes the connection and then says nothing is open, and no login on it was tried', async t => {
  const context = contextOf({
    2003: refused('timeout', {connected: true}),
    143: refused('timeout', {connected: true}),
    25: refused('tls', {connected: true}),
  });
  t.like(await found(strangers, context), [{severity: 'fail'}]);
  t.like(await found(plaintext, context), [{severity: 'unchecked'}]);
});

test('a place to look from that is gone is no answer of the server', async t => {
  const context = contextOf({});
  const play = () => Promise.reject(Object.assign(new Error('gone'), {code: 'UNPLAYED'}));
  const gone = {...context, outside: {addresses: [{family: 4 as const, address: '192.0.2.1'}], play}};
  t.like(await found(strangers, gone), [{severity: 'unchecked'}]);
});

for (const probe of [
  {id: 'd', section: 'auth', kind: 'dovecot-config'},
  {id: 'c', section: 'smtp', kind: 'postfix-config'},
  {id: 'u', section: 'auth', kind: 'users-listed', expect: ['anna']},
  {id: 'r', section: 'services', kind: 'service', unit: 'postfix.service'},
] as const satisfies readonly Probe[]) {
  test(`a program that does not end in time says nothing (${probe.kind})`, async t => {
    t.like(await found(probe, contextOf({})), [{severity: 'unchecked'}]);
  });
}

test('a remedy sends to the unit under which this platform’s Postfix logs', async t => {
  const run = () => Promise.resolve({exitCode: 1, stdout: '', stderr: 'x', timedOut: false, missing: false});
  const [finding] = await runProbes(
    [{id: 'r', section: 'services', kind: 'service', unit: 'postfix.service'}],
    {...contextOf({}, run), postfixUnit: 'postfix@-'},
    undefined,
    () => undefined,
  );
  t.regex(finding?.remedy?.en ?? '', /journalctl -u dovecot -u postfix@-”/);
});
