import test from 'ava';
import {cutPower, type Scenario, saveAtEveryStep} from './harness.js';

// All points in the full mode; else a sample that takes seconds.
const isFull = process.env['DOVETAIL_FULL'] === '1';

/** The tests of one scenario on the model of a disk, one after the other: each keeps all the disks that it has yet to look at. */
export const modelTests = (scenario: Scenario) => {
  test.serial(
    `${scenario}: the power is cut after any step, with any part of what was not synced kept, lost or torn: exactly before or exactly after`,
    async t => {
      const {points, problems} = await cutPower({scenario, every: isFull ? 1 : 17});
      t.log(`${points - problems.length} of ${points} cuts`);
      t.deepEqual(problems.slice(0, 5), []);
      t.true(points > (isFull ? 200 : 20));
    },
  );

  test.serial(`${scenario}: the power is cut again during the recovery: the same`, async t => {
    const {points, problems} = await cutPower({scenario, small: true, deep: true, every: isFull ? 1 : 17});
    t.log(`${points - problems.length} of ${points} cuts`);
    t.deepEqual(problems.slice(0, 5), []);
    t.true(points > (isFull ? 200 : 20));
  });

  test.serial(`${scenario}: the same where two names cannot change places in one step`, async t => {
    const {points, problems} = await cutPower({scenario, exchanges: false, every: isFull ? 1 : 29});
    t.log(`${points - problems.length} of ${points} cuts`);
    t.deepEqual(problems.slice(0, 5), []);
    t.true(points > (isFull ? 200 : 20));
  });

  test.serial(`${scenario}: what somebody saves at any step, in place or by rename, is not lost`, async t => {
    const {points, problems} = await saveAtEveryStep({scenario, every: isFull ? 1 : 23});
    t.log(`${points - problems.length} of ${points} saves`);
    t.deepEqual(problems.slice(0, 5), []);
    t.true(points > (isFull ? 200 : 20));
  });
};
