import test from 'ava';
import {cautionsOf} from '../../src/answers/check.js';
import {readAnswers} from '../../src/answers/file.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';

test('each answer of a file is known by its line, and so is its section', t => {
  const read = readAnswers(
    'version: 1\n# words\nrole:\n  kind: complete\n\n  domains:\n    - example.test\nsmtp: {admin: a@example.test}\n',
    steps,
  );
  t.true(read.ok);
  t.deepEqual(read.ok ? {...read.lines} : {}, {
    role: 3,
    'role.kind': 4,
    'role.domains': 6,
    smtp: 8,
    'smtp.admin': 8,
  });
});

test('what a wizard would say beside an answer is said of a file’s too, unless the machine has it so already', t => {
  const networks = ['10.7.0.9/24'];
  const answers = completeAnswers({smtp: {networks}});
  const context = {facts: debian12Facts(), platform: debian12Platform, answers};
  const cautions = (base: Readonly<Record<string, Readonly<Record<string, unknown>>>>) =>
    cautionsOf(steps, {smtp: {networks}}, base, context);
  t.like(cautions({})[0], {id: 'caution:smtp.networks', severity: 'warning'});
  t.regex(cautions({})[0]?.summary.en ?? '', /^smtp\.networks: .*10\.7\.0\.0\/24/);
  t.deepEqual(cautions({smtp: {networks}}), []);
  t.deepEqual(cautionsOf(steps, {smtp: {networks: ['10.7.0.0/24']}}, {}, context), []);
});
