import test from 'ava';
import {cutPower, injectErrors, saveAtEveryStep} from '../helpers/harness.js';
import type {Around} from '../helpers/model.js';
import {seededBugs} from '../helpers/seeded-bugs.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';

// One after another, until something is found wrong; bugs about others' edits are looked for by those first.
const firstProblem = async (around: Around, isAboutOthers = false): Promise<string | undefined> => {
  const common = {around, stopAtFirst: true};
  const saves = [
    () => saveAtEveryStep({...common, small: true}),
    () => saveAtEveryStep({...common, small: true, scenario: 'undo'}),
  ];
  const cuts = [
    () => cutPower({...common, small: true}),
    () => cutPower({...common, small: true, scenario: 'undo'}),
    () => cutPower({...common, scenario: 'undo', every: 5}),
    () => injectErrors({...common, codes: ['EIO'], every: isFull ? 1 : 2}),
  ];
  const rest = [() => cutPower(common), () => cutPower({...common, scenario: 'failed proof'})];
  for (const run of [...(isAboutOthers ? [...saves, ...cuts] : [...cuts, ...saves]), ...rest]) {
    const {problems} = await run().catch((error: unknown) => ({problems: [String(error)]}));
    if (problems[0] !== undefined) {
      return problems[0];
    }
  }

  return undefined;
};

for (const [bug, around] of Object.entries(seededBugs)) {
  test(`the harness finds: ${bug}`, async t => {
    const found = await firstProblem(around, /changed|overwrites/.test(bug));
    t.log(found ?? 'nothing');
    t.truthy(found);
  });
}

(isFull ? test : test.skip)('without a bug the same runs find nothing', async t => {
  t.is(await firstProblem(files => files), undefined);
});
