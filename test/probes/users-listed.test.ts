import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import type {ProbeContext} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';
import {debian12Facts} from '../helpers/facts.js';

const asked: string[] = [];
const context = {
  host: {
    run: async (_file: string, [, name = '']: readonly string[]) => {
      asked.push(name);
      const known = name === '*' || name === 'john';
      return {exitCode: known ? 0 : 67, stdout: 'karl\n', stderr: '', timedOut: false, missing: false};
    },
  } as unknown as Host,
  facts: debian12Facts(),
  postfixUnit: 'postfix',
} as unknown as ProbeContext;
const judged = async (expect: readonly string[], byName?: true) => {
  const probe: Probe = {
    id: 'accounts',
    section: 'auth-pam',
    kind: 'users-listed',
    expect,
    ...(byName === undefined ? {} : {byName}),
  };
  const [found] = await runProbes([probe], context, undefined, () => undefined);
  return `${found?.severity} ${found?.summary.en}`;
};

test('a user whom a directory knows and does not list is asked for by name; a list must name all', async t => {
  t.is(
    await judged(['karl', 'john'], true),
    'pass Accounts in the user database: 1; known by name though not listed: john.',
  );
  t.deepEqual(asked, ['*', 'john']);
  t.is(await judged(['karl', 'eve'], true), 'fail The user database does not list all accounts: eve');
  t.is(await judged(['karl', 'john']), 'fail The user database does not list all accounts: john');
});
