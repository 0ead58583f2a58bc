import test from 'ava';
import {decide, type PairAct, type SideState} from '../../src/engine/pair/decide.js';

const states: readonly SideState[] = ['absent', 'waiting', 'kept', 'unknown'];
type Pair = {readonly here: SideState; readonly there: SideState};

// What an act makes of the two sides, where it works.
const after = ({here, there}: Pair, act: PairAct): Pair => {
  switch (act) {
    case 'confirm-here':
      return {here: 'kept', there};
    case 'confirm-there':
      return {here, there: 'kept'};
    case 'undo-here':
      return {here: 'absent', there};
    case 'undo-there':
      return {here, there: 'absent'};
    case 'tell':
      return {here, there};
  }
};

test('from every state that is known, both sides end up alike', t => {
  for (const here of states) {
    for (const there of states) {
      const acts = decide(here, there);
      if (here === 'unknown' || there === 'unknown') {
        t.deepEqual(acts, ['tell']);
      } else {
        const end = acts.reduce(after, {here, there});
        t.is(end.here, end.there, `${here} ${there}`);
        t.not(end.here, 'waiting');
      }
    }
  }
});

test('cut short between any two acts, the rest is found from the states alone', t => {
  for (const here of states.slice(0, 3)) {
    for (const there of states.slice(0, 3)) {
      const acts = decide(here, there);
      const end = acts.reduce(after, {here, there});
      for (let done = 0; done <= acts.length; done += 1) {
        const cut = acts.slice(0, done).reduce(after, {here, there});
        t.deepEqual(decide(cut.here, cut.there).reduce(after, cut), end, `${here} ${there} after ${done}`);
      }
    }
  }
});

test('the partner is confirmed first: a countdown that runs out meanwhile is on this side', t => {
  t.deepEqual(decide('waiting', 'waiting'), ['confirm-there', 'confirm-here']);
  // Here it ran out after the partner was confirmed.
  t.deepEqual(decide('absent', 'kept'), ['undo-there']);
  t.deepEqual(decide('waiting', 'absent'), ['undo-here']);
});
