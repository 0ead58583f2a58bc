import {existsSync, readFileSync, statSync} from 'node:fs';
import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import type {Attempt} from '../../src/core/question.js';
import {runProbes} from '../../src/probes/index.js';
import {judgePatterns} from '../../src/probes/patterns.js';
import type {ProbeContext} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';

const rules = ['/^X-Spam: yes/ WARN', '/^Subject:.*casino/ REJECT no thanks', '/^To:\\/.*a b/i HOLD'];
const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  kind: 'patterns',
  part: 'header',
  type: 'regexp',
  rules,
  ...over,
});

/** A machine without Postfix. */
const without = {
  ground: 'machine',
  runs: true,
  files: {lstat: () => undefined},
  run: () => Promise.reject(new Error('nothing may run')),
} as unknown as Host;

type Call = {
  readonly args: readonly string[];
  readonly input: string | undefined;
  readonly table: string;
  readonly path: string;
  readonly mode: number;
};

/** A machine whose postmap(1) says these words; what it was asked, with the table as it was then. */
const withPostmap = (said: {readonly stdout?: string; readonly stderr?: string}) => {
  const calls: Call[] = [];
  const run = async (_file: string, args: readonly string[], options?: {readonly input?: string}) => {
    const path = (args.at(-1) ?? '').replace(/^\w+:/, '');
    calls.push({
      args: args.map(arg => arg.replace(path, 'TABLE')),
      input: options?.input,
      table: readFileSync(path, 'utf8'),
      path,
      mode: statSync(path).mode & 0o777,
    });
    return {exitCode: 1, stdout: '', stderr: '', ...said};
  };
  const host = {ground: 'machine', runs: true, files: {lstat: () => ({type: 'file'})}, run};
  return {host: host as unknown as Host, calls};
};

const said = async (host: Host, check: Attempt) =>
  (await judgePatterns(host, check)).map(({severity, summary}) => `${severity} ${summary.en}`);

test('without Postfix JavaScript says which rule hits first, and that it was JavaScript', async t => {
  for (const [sample, words] of [
    ['Subject: Win at the CASINO', /^pass Rule 2 hits \(JavaScript’s patterns, .*\): \/\^Subject/],
    ['X-Spam: yes', /^pass Rule 1 hits /],
    // header_checks(5): a header that goes on in the next line is one line.
    ['Subject: Win\r\n at the\n\tcasino', /^pass Rule 2 hits /],
    ['To:/ a b', /^pass Rule 3 hits /],
    // regexp_table(5): case is ignored, and the flag i toggles that.
    ['to:/ A B', /^pass No rule hits \(JavaScript/],
    ['Subject: the accounts', /^pass No rule hits /],
  ] as const) {
    const [line = '', ...more] = await said(without, attempt({sample}));
    t.regex(line, words, sample);
    t.deepEqual(more, []);
  }
});

test('without Postfix a pattern that cannot be read is named with its number, with a sample or none', async t => {
  for (const sample of [undefined, 'Subject: x']) {
    const broken = attempt({
      rules: [...rules, '/^Subject: (casino/ REJECT'],
      ...(sample === undefined ? {} : {sample}),
    });
    const [line = '', ...more] = await said(without, broken);
    t.regex(line, /^fail Rule 4 is not read: \/\^Subject: \(casino\/ REJECT/);
    t.deepEqual(more, []);
  }

  t.deepEqual(await said(without, attempt()), []);
});

test('Postfix judges a copy of the rules whose actions are their numbers, in a file of nobody else’s', async t => {
  const {host, calls} = withPostmap({stdout: 'Subject: Win at the casino\tWARN dovetail 2\n'});
  const [line = ''] = await said(host, attempt({sample: 'Subject: Win at the casino'}));
  t.is(line, 'pass Rule 2 hits (Postfix): /^Subject:.*casino/ REJECT no thanks');
  t.deepEqual(calls.at(-1)?.args, ['-hq', '-', 'regexp:TABLE']);
  t.is(calls.at(-1)?.input, 'Subject: Win at the casino\n\n');
  t.is(
    calls.at(-1)?.table,
    '/^X-Spam: yes/ WARN dovetail 1\n/^Subject:.*casino/ WARN dovetail 2\n/^To:\\/.*a b/i WARN dovetail 3\n',
  );
  t.is(calls.at(-1)?.mode, 0o600);
  t.true(calls.every(({path}) => !existsSync(path)));
});

test('patterns of the text are tried on what follows a header, and no hit is said too', async t => {
  const {host, calls} = withPostmap({});
  const check = attempt({part: 'body', type: 'pcre', sample: 'Win at the casino'});
  t.deepEqual(await said(host, check), ['pass No rule hits (Postfix).']);
  t.deepEqual(calls.at(-1)?.args, ['-bq', '-', 'pcre:TABLE']);
  t.is(calls.at(-1)?.input, 'Subject: x\n\nWin at the casino\n');
});

test('what Postfix complains about is said with the rule, and nothing is tried', async t => {
  const stderr =
    'postmap: warning: regexp map /tmp/x/rules, line 2: Unmatched ( or \\(\npostmap: warning: something else\n';
  const {host, calls} = withPostmap({stderr});
  const findings = await judgePatterns(host, attempt({sample: 'Subject: x'}));
  t.is(findings.length, 1);
  t.like(findings[0], {id: 'patterns:2', severity: 'fail'});
  t.is(findings[0]?.summary.en, 'Rule 2 is not read: /^Subject:.*casino/ REJECT no thanks');
  t.is(findings[0]?.cause?.en, 'Postfix says: Unmatched ( or \\(');
  t.is(calls.length, 1);
});

test('a table that is in use is read whole, or its complaint is shown', async t => {
  const probe: Probe = {
    id: 'p',
    section: 'spam',
    kind: 'patterns-read',
    table: 'regexp:/etc/postfix/header_checks',
  };
  for (const [result, severity] of [
    [{missing: false, stderr: ''}, 'pass'],
    [{missing: false, stderr: 'postmap: warning: regexp map /x, line 1: ignoring'}, 'fail'],
    [{missing: true, stderr: ''}, 'unchecked'],
  ] as const) {
    const context = {host: {run: async () => ({exitCode: 1, stdout: '', ...result})}};
    const found = await runProbes([probe], context as unknown as ProbeContext, undefined, () => undefined);
    t.deepEqual(
      found.map(finding => finding.severity),
      [severity],
    );
  }
});
