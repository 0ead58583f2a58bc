import test from 'ava';
import {replication} from '../../src/probes/replication.js';
import type {ProbeContext} from '../../src/probes/types.js';

// As doveadm-replicator(1) of Dovecot 2.3.19 writes it, with the blanks that it fills its columns with.
const overview = (values: readonly number[]) =>
  [
    "Queued 'sync' requests       ",
    "Queued 'high' requests       ",
    "Queued 'low' requests        ",
    "Queued 'failed' requests     ",
    "Queued 'full resync' requests",
    "Waiting 'failed' requests    ",
    'Total number of known users  ',
  ]
    .map((name, at) => `${name} ${values[at]}${' '.repeat(48)}`)
    .join('\n');

type Said = {readonly exitCode?: number; readonly stdout?: string; readonly stderr?: string};

/** What a check says of the replicator where `doveadm replicator status` says this. */
const said = async (status: Said) => {
  const run = async (_file: string, args: readonly string[]) => ({
    exitCode: 0,
    stdout: '',
    stderr: '',
    ...(args[0] === 'replicator' ? status : {}),
  });
  const context = {host: {run, files: {read: () => undefined}}} as unknown as ProbeContext;
  const findings = await replication(
    {
      id: 'pair',
      section: 'replication',
      kind: 'replication',
      partner: 'mail2.example.com',
      port: 12_345,
      password: '/etc/dovecot/replication-password.conf',
    },
    context,
  );
  return findings.find(({id}) => id === 'pair:status');
};

test('a replicator at rest, one at work and one with a large store are told by their numbers', async t => {
  for (const [values, words] of [
    [[0, 0, 0, 0, 0, 0, 1], 'knows 1 accounts; 0 wait for their turn, 0 for a full comparison, and 0 failed'],
    [
      [1, 2, 4, 0, 8, 0, 120],
      'knows 120 accounts; 7 wait for their turn, 8 for a full comparison, and 0 failed',
    ],
    [[0, 0, 99_999, 0, 0, 0, 100_000], 'knows 100000 accounts; 99999 wait for their turn, 0 for a full'],
  ] as const) {
    const finding = await said({stdout: overview(values)});
    t.is(finding?.severity, 'pass', words);
    t.true(finding?.summary.en.includes(words), finding?.summary.en);
    t.regex(finding?.summary.ja ?? '', new RegExp(`${values[6]} アカウント`));
  }
});

test('what failed, waiting or queued again, is a warning with what to do', async t => {
  for (const values of [
    [0, 0, 0, 1, 0, 2, 5],
    [0, 0, 0, 0, 0, 3, 5],
    [0, 0, 0, 3, 0, 0, 5],
  ]) {
    const finding = await said({stdout: overview(values)});
    t.is(finding?.severity, 'warning');
    t.regex(finding?.summary.en ?? '', /and 3 failed last time/);
    t.regex(finding?.remedy?.en ?? '', /every five minutes.*doveadm sync -u NAME -d/);
  }
});

test('a replicator that does not answer, or says something else, is none that works', async t => {
  for (const status of [
    {
      exitCode: 75,
      stderr:
        'doveadm(root): Error: net_connect_unix(/run/dovecot/replicator-doveadm) failed: Connection refused\n',
    },
    {exitCode: 0, stdout: ''},
    // As an older one: without the accounts that failed, nobody knows that none did.
    {exitCode: 0, stdout: overview([0, 0, 0, 0, 0, 0, 1]).replaceAll(/^.*failed.*$/gm, '')},
    {exitCode: 0, stdout: 'username priority fast sync full sync success sync failed\n'},
  ]) {
    const finding = await said(status);
    t.is(finding?.severity, 'fail', JSON.stringify(status));
    t.regex(finding?.summary.en ?? '', /The replicator does not answer/);
    t.truthy(finding?.remedy?.en);
  }

  t.regex((await said({exitCode: 75, stderr: 'x\u001b[2J\n'}))?.evidence?.join('') ?? '', /x␛\[2J/);
});
