import {PassThrough} from 'node:stream';
import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import {runLinear} from '../../src/linear/index.js';
import {steps} from '../../steps/index.js';
import {fakeEngine} from '../helpers/fake-engine.js';

const hostile = [
  'mail.example.com\u001b[2J',
  'mail.example.com\u009b2J',
  'mail\u202emoc.elpmaxe',
  'mail\u200b.example.com',
  `mail${'\u0301'.repeat(200)}.example.com`,
  '日本語'.repeat(300),
  'mail.example.com\u0000',
  'a'.repeat(10_000),
];

test('each hostile name is refused with the reason and asked again; no byte of it comes back raw', async t => {
  const engine = fakeEngine({scene: {steps}});
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.end(['1', '1', ...hostile, 'mail.example.org', ':q', '2'].map(line => `${line}\n`).join(''));
  const code = await runLinear({
    engine,
    lang: 'en',
    prompter: 'numbered',
    sections: [],
    dryRun: false,
    stdin,
    stdout,
  });
  const output = String(stdout.read() ?? '');
  t.is(code, exitCode.interrupted);
  t.is(output.match(/: ! \S/g)?.length, hostile.length, output);
  t.regex(output, /Mail addresses here end in/);
  t.notRegex(output, /[\u0000\u001b\u009b\u202e\u200b]/);
  t.true(output.split('\n').every(line => line.length < 1000));
});
