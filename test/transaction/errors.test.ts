import test from 'ava';
import {errorCodes, injectErrors} from '../helpers/harness.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';

for (const scenario of ['apply', 'undo'] as const) {
  test(`${scenario}: any step fails, once or from then on: exactly before, exactly after, or stuck and in order again once the fault is gone`, async t => {
    const {points, problems, stuck} = await injectErrors({scenario, every: isFull ? 1 : 127});
    t.log(
      `${points - problems.length} of ${points} errors (${errorCodes.join(', ')}); ${stuck} of them said to be stuck`,
    );
    t.deepEqual(problems.slice(0, 5), []);
    t.true(points > 50);
  });
}
