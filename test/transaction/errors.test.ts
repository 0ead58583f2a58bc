import test from 'ava';
import {digestOf} from '../../src/system/blobs.js';
import {emptyImage, openDisk} from '../helpers/disk.js';
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

test('a digest that is asked of the disk is a step like any other reading: it can fail', t => {
  const steps: string[] = [];
  let isBroken = false;
  const {files} = openDisk(emptyImage(), {
    readSteps: true,
    onStep: (when, {operation, path}) => {
      when === 'before' && steps.push(`${operation} ${path}`);
      if (isBroken && operation === 'digest') {
        throw Object.assign(new Error('EIO'), {code: 'EIO'});
      }
    },
  });
  files.create('/a', Buffer.from('text'), 0o600);
  files.symlink('/a', '/b');
  t.is(files.digest('/a'), digestOf('text'));
  t.is(files.digest('/b', {follow: true}), digestOf('text'));
  t.is(files.digest('/none'), undefined);
  t.throws(() => files.digest('/b'), {code: 'ELOOP'});
  t.is(steps.filter(step => step.startsWith('digest ')).length, 4);
  isBroken = true;
  t.throws(() => files.digest('/a'), {code: 'EIO'});
});
