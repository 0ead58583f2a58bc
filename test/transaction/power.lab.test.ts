import {randomInt} from 'node:crypto';
import test from 'ava';
import {planDifferences} from '../helpers/tree-plan.js';
import {type Guest, guestReason, makeGuest} from '../hosts/guest.js';

const reason = guestReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}
/** Cuts that must have come in time; some come when all is over. */
const wanted = 30;
let guest: Guest;
let prepared: string;
let applied: string;

test.before(async () => {
  if (reason === undefined) {
    guest = await makeGuest(new URL('../helpers/power-run.js', import.meta.url).pathname);
    prepared = guest.disk();
    await guest.boot(prepared, 'prepare');
    applied = guest.copy(prepared);
  }
});

test.after.always(() => guest?.remove());

const left = (said: string) => Number(/@left (\d+)/.exec(said)?.[1] ?? -1);

// Exactly before or exactly after, and a second recovery finds nothing to do.
const recovered = async (disk: string) => {
  const {said} = await guest.boot(disk, 'recover');
  const isEnd = left(said) === 0 || left(said) === planDifferences;
  return {ok: isEnd && /@again undefined/.test(said), before: left(said) === 0, said};
};

lab('the power is cut at a random moment of an apply, of an undo, and of the recovery', async t => {
  const whole = await guest.boot(applied, 'apply');
  t.is(left(whole.said), planDifferences, whole.said);
  const undone = await guest.boot(guest.copy(applied), 'undo');
  t.is(left(undone.said), 0, undone.said);
  let cuts = 0;
  let befores = 0;
  let rounds = 0;
  // How long each takes changes with what else the machine does: whoever comes in whole says it anew.
  const spans = {apply: whole.ms, undo: undone.ms, recover: undone.ms};
  const cutOff = async (disk: string, act: keyof typeof spans) => {
    const {cut, ms} = await guest.boot(disk, act, randomInt(Math.max(50, spans[act])));
    cuts += Number(cut);
    spans[act] = cut ? spans[act] : ms;
  };
  for (let round = 0; cuts < wanted && round < wanted; round += 1) {
    for (const act of ['apply', 'undo', 'recover'] as const) {
      const disk = guest.copy(act === 'undo' ? applied : prepared);
      await cutOff(disk, act === 'undo' ? 'undo' : 'apply');
      if (act === 'recover') {
        await cutOff(disk, 'recover');
      }

      const {ok, before, said} = await recovered(disk);
      t.true(ok, `${act}, round ${round}: ${said.slice(-1500)}`);
      befores += Number(before);
      rounds += 1;
    }
  }

  t.log(`${cuts} cuts in ${rounds} rounds: ${befores} as before, ${rounds - befores} as planned`);
  t.true(cuts >= wanted, `${cuts} cuts`);
});
