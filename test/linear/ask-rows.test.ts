import {PassThrough} from 'node:stream';
import test from 'ava';
import {literal} from '../../src/core/text.js';
import {runLinear} from '../../src/linear/index.js';
import {fakeEngine} from '../helpers/fake-engine.js';
import {rowsScene} from '../helpers/rows-step.js';

const run = async (...typed: readonly string[]) => {
  const tried: unknown[] = [];
  const engine = fakeEngine({
    scene: rowsScene,
    live: async (_signal, check) => {
      tried.push(check);
      return [{id: 'x', severity: 'pass', summary: literal('Rule 1 hits.')}];
    },
  });
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.end(typed.map(line => `${line}\n`).join(''));
  await runLinear({
    engine,
    lang: 'en',
    prompter: 'numbered',
    sections: ['rules'],
    dryRun: false,
    stdin,
    stdout,
  });
  const planned = engine.asked.find(({call}) => call === 'plan');
  const lines = planned?.call === 'plan' ? planned.answers['rules']?.['lines'] : undefined;
  return {lines, tried, output: String(stdout.read() ?? '')};
};

test('a table of lines is changed line by line: blanks and commas stay in them', async t => {
  const {lines} = await run('1', '+', '/three, four/ WARN', '1', '/one/ REJECT', '');
  t.deepEqual(lines, ['/one/ REJECT', '/three, four/ WARN']);
});

test('a line is taken out by its number, and a wrong one is refused with the reason', async t => {
  const {lines, output} = await run('1', '+', 'three', '/three/ WARN', '-1', '9', '');
  t.deepEqual(lines, ['/three/ WARN']);
  t.regex(output, /! A slash comes first\./);
  t.regex(output, /! There is no such number/);
});

test('lines are tried on what is typed, and what hits is said', async t => {
  const {output, tried} = await run('1', '?', 'Subject: one', '');
  t.regex(output, /Rule 1 hits\./);
  t.like(tried, [{kind: 'patterns', rules: ['/one, two/ REJECT'], sample: 'Subject: one'}]);
});
