import test from 'ava';
import type {Plan} from '../../src/core/plan.js';
import {printPlan} from '../../src/commands/plan.js';
import {samplePlan} from '../helpers/fake-engine.js';

const printed = (plan: Plan, lang: 'en' | 'ja' = 'en') => {
  const lines: string[] = [];
  printPlan(plan, {lang, out: line => void lines.push(line)});
  return lines;
};

test('what an undo will not give back, and what could not be compared, stand in the plan of a command too', t => {
  const plan = samplePlan(['tls', 'smtp']);
  const [first] = plan.stages;
  const [change, ...others] = first?.changes ?? [];
  if (first === undefined || change === undefined) {
    return t.fail('no change');
  }

  const caveat = {en: 'The authority does not take it back. \u001b[2J', ja: '認証局は取り消しません。'};
  const own: Plan = {
    ...plan,
    stages: [{...first, changes: [{...change, preview: {...change.preview, caveat}}, ...others]}],
    effective: [{of: 'postconf', lines: [], unchecked: {en: 'Not compared.', ja: '比較していません。'}}],
  };
  const lines = printed(own);
  const at = lines.indexOf('  ! The authority does not take it back. ␛[2J');
  t.is(at, 1, lines.join('\n'));
  t.true(lines[0]?.includes(change.preview.title.en));
  t.true(lines.indexOf('  ! Not compared.') > at);
  t.true(printed(own, 'ja').includes('  ! 認証局は取り消しません。'));
  t.false(printed(plan).some(line => line.startsWith('  !')));
});
