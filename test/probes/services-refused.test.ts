import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {servicesRefused} from '../../src/probes/services-refused.js';
import type {ProbeContext} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';

type Said = {readonly exitCode: number | null; readonly stderr?: string; readonly timedOut?: boolean};

/** What is found where doveadm says these things of each user; and what it was asked. */
const found = async (said: Readonly<Record<string, Said>>) => {
  const asked: string[] = [];
  const run: Host['run'] = (file, args = []) => {
    asked.push([file, ...args].join(' '));
    const {exitCode, stderr = '', timedOut = false} = said[args.at(-1) ?? ''] ?? {exitCode: 67};
    return Promise.resolve({exitCode, stdout: '', stderr, timedOut, missing: false});
  };
  const probe = {
    id: 'lmtp:services',
    section: 'lmtp',
    kind: 'services-refused',
    names: ['root', 'daemon'],
  } satisfies Probe;
  const findings = await servicesRefused(probe, {host: {run} as unknown as Host} as ProbeContext);
  return {severities: findings.map(({severity}) => severity), asked};
};

test('users who are no people are looked up as LMTP does at RCPT, and are not there', async t => {
  t.deepEqual(await found({}), {
    severities: ['pass'],
    asked: ['/usr/bin/doveadm user -x service=lmtp root', '/usr/bin/doveadm user -x service=lmtp daemon'],
  });
});

test('one that is found fails, also where only the delivery would refuse the number (seen with 2.3.19 and 2.4.1)', async t => {
  t.deepEqual((await found({daemon: {exitCode: 0}})).severities, ['fail']);
  for (const stderr of [
    'userdb lookup: Mail access for users with UID 1 not permitted (see first_valid_uid in config file, uid from userdb lookup).',
    'userdb lookup: Invalid settings in userdb: userdb returned 0 as uid',
  ]) {
    t.deepEqual((await found({root: {exitCode: 75, stderr}})).severities, ['fail'], stderr);
  }
});

test('a Dovecot that cannot say is not judged', async t => {
  t.deepEqual((await found({root: {exitCode: 75, stderr: 'auth-master: connect() failed'}})).severities, [
    'unchecked',
  ]);
  t.deepEqual((await found({root: {exitCode: null, timedOut: true}})).severities, ['unchecked']);
});
