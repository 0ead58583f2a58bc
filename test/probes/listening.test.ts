import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import {placedAt} from '../../src/probes/placed.js';
import type {ProbeContext} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';
import {debian12Facts} from '../helpers/facts.js';

const contextOf = (stdout: string): ProbeContext => ({
  host: {
    run: async () => ({exitCode: 0, stdout, stderr: '', timedOut: false, missing: false}),
  } as unknown as Host,
  facts: debian12Facts(),
  address: '192.0.2.1',
  open: () => undefined,
  play: async () => ({kind: 'played', replies: []}),
  holding: false,
  applying: false,
  postfixUnit: 'postfix',
  since: '',
  outside: {
    addresses: [
      {family: 4, address: '192.0.2.1'},
      {family: 6, address: '2001:db8::1'},
    ],
    play: async () => ({kind: 'played', replies: []}),
  },
});
const ss = (...addresses: readonly string[]) =>
  addresses.map(address => `LISTEN 0 100 ${address} 0.0.0.0:* users:(("dovecot",pid=1,fd=1))`).join('\n');
const judged = async (listen: readonly string[] | undefined, ...addresses: readonly string[]) => {
  const probe: Probe = {
    id: 'ports',
    section: 'protocols',
    kind: 'ports',
    open: [993],
    closed: [143],
    ...(listen === undefined ? {} : {on: listen}),
  };
  const [found] = await runProbes([probe], contextOf(ss(...addresses)), undefined, () => undefined);
  return `${found?.severity} ${found?.summary.en}`;
};

test('a port that is listened on at an address nobody asked for fails, and so does one that is missing', async t => {
  t.regex(await judged(undefined, '0.0.0.0:993', '[::]:993'), /^pass/);
  t.regex(await judged(['192.0.2.1', '2001:db8:0:0::1'], '192.0.2.1:993', '[2001:db8::1]:993'), /^pass/);
  t.regex(await judged(['0.0.0.0', '::'], '*:993'), /^pass/);
  t.regex(
    await judged(['192.0.2.1'], '192.0.2.1:993', '[::]:993'),
    /^fail Not listening: —; listening though not asked for: \[::\]:993\.$/,
  );
  t.regex(
    await judged(['192.0.2.1'], '0.0.0.0:993'),
    /^fail Not listening: 192\.0\.2\.1:993; .*for: 0\.0\.0\.0:993\.$/,
  );
  t.regex(await judged(['192.0.2.1'], '192.0.2.1:143'), /^fail Not listening: 993; .*for: 143\.$/);
});

test('a server that listens on some addresses is asked there, from outside too; one for this machine alone at its own', t => {
  const context = contextOf('');
  t.is(placedAt(context, undefined), context);
  const placed = placedAt(context, ['127.0.0.1', '2001:db8::2', '192.0.2.2']);
  t.is(placed.address, '192.0.2.2');
  t.deepEqual(placed.outside?.addresses, [
    {family: 6, address: '2001:db8::2'},
    {family: 4, address: '192.0.2.2'},
  ]);
  const alone = placedAt(context, ['127.0.0.1', '::1']);
  t.is(alone.address, '127.0.0.1');
  t.is(alone.outside, context.outside);
  const four = {
    ...context,
    outside: context.outside && {...context.outside, addresses: [{family: 4 as const, address: '192.0.2.1'}]},
  };
  t.is(placedAt(four, ['2001:db8::2']).outside, undefined);
});
