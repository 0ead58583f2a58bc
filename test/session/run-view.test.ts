import test from 'ava';
import {endingOf, foldEvent, startRun} from '../../src/session/run-view.js';
import {finding, goodRun} from '../helpers/fake-engine.js';

test('what was not checked is not called proved', t => {
  const good = goodRun.reduce(foldEvent, startRun('apply'));
  t.is(endingOf(good), 'committed');
  t.is(endingOf({...good, findings: [finding('pass', 'a'), finding('unchecked', 'b')]}), 'committedInPart');
  t.is(endingOf({...good, outcome: 'unproved'}), 'unproved');
});
