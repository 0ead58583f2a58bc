import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import type {Looked} from '../../src/core/question.js';
import {offeringSteps} from '../helpers/sample-steps.js';
import {fakeEngine, finding, pendingRun, samplePlan, unprovedRun} from '../helpers/fake-engine.js';
import {type FakeScreen, keys, openScreen} from '../helpers/screen.js';

const password = 'correct-horse-9';
const toAccounts = async (screen: FakeScreen) => {
  await screen.until('Begin');
  await screen.press(keys.enter, keys.enter, keys.enter, keys.enter);
  await screen.until('accounts?');
};
const toDecided = async (screen: FakeScreen) => {
  await toAccounts(screen);
  await screen.press('anna@example.com', keys.enter, password, keys.enter, password, keys.enter);
  await screen.until('That is all');
  await screen.press(keys.enter, keys.enter, keys.enter);
  await screen.until('Decided for you');
};
const toReview = async (screen: FakeScreen) => {
  await toDecided(screen);
  await screen.press(keys.enter);
  await screen.until('a accept');
};
const quit = async (screen: FakeScreen) => {
  await screen.press(keys.ctrlC);
  await screen.press(keys.down, keys.enter);
  return screen.ended;
};

test('from the start to a proved server on 80 columns and 24 rows', async t => {
  const screen = openScreen(fakeEngine());
  await screen.until('Begin');
  t.snapshot(screen.frame(), 'start');
  await screen.press(keys.enter);
  await screen.until('kind?');
  t.snapshot(screen.frame(), 'a choice');
  await screen.press(keys.enter);
  await screen.until('hostname?');
  t.snapshot(screen.frame(), 'a text');
  await screen.press(keys.enter, keys.enter, 'anna@example.com', keys.enter);
  await screen.press(password, keys.enter, password, keys.enter);
  await screen.until('That is all');
  t.snapshot(screen.frame(), 'accounts');
  await screen.press(keys.enter, keys.enter, keys.enter);
  await screen.until('Decided for you');
  t.snapshot(screen.frame(), 'decided');
  await screen.press(keys.enter);
  await screen.until('a accept');
  t.snapshot(screen.frame(), 'review');
  await screen.press('a');
  await screen.until('changes now?');
  t.snapshot(screen.frame(), 'confirm');
  await screen.press(keys.down, keys.enter);
  await screen.until('Done and proved');
  t.snapshot(screen.frame(), 'proved');
  await screen.press(keys.enter);
  t.is(await screen.ended, exitCode.done);
  await screen.until('To undo it: dovetail rollback');
});

test('no password is ever on the screen, nor how long it is', async t => {
  const engine = fakeEngine();
  const screen = openScreen(engine);
  await toDecided(screen);
  t.deepEqual([...engine.held.values()], [password]);
  t.false(screen.written().includes(password));
  t.false(screen.written().includes('••••'));
  t.false(JSON.stringify(engine.asked).includes(password));
  await quit(screen);
});

test('a typed character costs at most 110 bytes, an idle screen none', async t => {
  const screen = openScreen(fakeEngine());
  await screen.until('Begin');
  await screen.press(keys.enter, keys.enter, keys.ctrlU);
  screen.bytes();
  for (const character of 'mx.example') {
    await screen.press(character);
    const bytes = screen.bytes();
    t.true(bytes <= 110, `${character}: ${bytes} bytes`);
  }

  // On a busy machine the last character may still be on its way.
  await new Promise(resolve => setTimeout(resolve, 500));
  screen.bytes();
  await new Promise(resolve => setTimeout(resolve, 1200));
  t.is(screen.bytes(), 0);
  await quit(screen);
});

test('a scroll step of the review costs at most 500 bytes', async t => {
  const result = (sections: readonly string[]) => ({kind: 'plan', plan: samplePlan(sections, 60)}) as const;
  const screen = openScreen(fakeEngine({result}));
  await toReview(screen);
  screen.bytes();
  await screen.press(keys.down);
  const bytes = screen.bytes();
  t.true(bytes > 0 && bytes <= 500, `${bytes} bytes`);
  await quit(screen);
});

test('the cursor of the terminal stands where the next character goes, wide ones counted twice', async t => {
  const screen = openScreen(fakeEngine());
  await screen.until('Begin');
  await screen.press(keys.enter, keys.enter, keys.ctrlU, '日本', 'x');
  const row = screen
    .frame()
    .split('\n')
    .findIndex(line => line.includes('日本x'));
  t.deepEqual(screen.cursor(), {x: 2 + 5, y: row});
  await quit(screen);
});

test('what was repainted line by line is the same as a fresh picture', async t => {
  const screen = openScreen(fakeEngine());
  await toReview(screen);
  await screen.press(keys.pageDown, keys.tab, keys.down);
  const before = screen.frame();
  await screen.resize(81, 24);
  await screen.resize(80, 24);
  t.is(screen.frame(), before);
  await quit(screen);
});

test('a paste does not answer, not even one of a thousand lines', async t => {
  const screen = openScreen(fakeEngine());
  await screen.until('Begin');
  await screen.press(`\u001b[200~${'a\r\n1\r\n'.repeat(500)}\u001b[201~`);
  t.regex(screen.frame(), /Begin/);
  await screen.press(keys.enter, keys.enter, keys.ctrlU);
  await screen.press('\u001b[200~mx.example.net\r\n\u001b[201~');
  t.regex(screen.frame(), /hostname\?[\s\S]*mx\.example\.net/);
  await quit(screen);
});

test('a paste into the review or its confirmation changes nothing', async t => {
  const engine = fakeEngine();
  const screen = openScreen(engine);
  await toReview(screen);
  await screen.press('\u001b[200~a\u001b[B\r\u001b[201~');
  t.regex(screen.frame(), /a accept/);
  await screen.press('a', '\u001b[200~\u001b[B\r\r\u001b[201~');
  t.regex(screen.frame(), /Yes, make the changes/);
  t.false(engine.asked.some(({call}) => call === 'apply'));
  await quit(screen);
});

test('Ctrl-C ten times asks once and changes nothing', async t => {
  const screen = openScreen(fakeEngine());
  await toAccounts(screen);
  await screen.press(keys.ctrlC.repeat(10));
  await screen.until('Stay');
  await screen.press(keys.enter);
  t.regex(screen.frame(), /accounts\?/);
  t.is(await quit(screen), exitCode.interrupted);
});

test('what was typed is still there after the question whether to quit', async t => {
  const screen = openScreen(fakeEngine());
  await toAccounts(screen);
  await screen.press('anna@', keys.ctrlC);
  await screen.until('Stay');
  await screen.press(keys.enter, 'example.com');
  t.regex(screen.frame(), /anna@example\.com/);
  await quit(screen);
});

test('Ctrl-C while changes are made asks, and then puts everything back', async t => {
  const engine = fakeEngine({pace: 400});
  const screen = openScreen(engine);
  await toReview(screen);
  await screen.press('a', keys.down, keys.enter);
  await screen.until('Making the changes');
  await screen.press(keys.ctrlC);
  await screen.until('Stop, and put everything back?');
  await screen.press(keys.down, keys.enter);
  await screen.until('Stopped; everything is as it was before.');
  await screen.press(keys.enter);
  t.is(await screen.ended, exitCode.interrupted);
  t.true(engine.asked.some(({call}) => call === 'interrupt'));
});

test('a failed proof shows cause, remedy and log, and is undone only after asking', async t => {
  const screen = openScreen(fakeEngine({events: unprovedRun}));
  await toReview(screen);
  await screen.press('a', keys.down, keys.enter);
  await screen.until('1 of 3 checks passed');
  t.snapshot(screen.frame(), 'a failed proof');
  await screen.press(keys.enter);
  await screen.until('Undo everything that was just set up?');
  await screen.press(keys.down, keys.enter);
  await screen.until('Everything is as it was before');
  await screen.press(keys.enter);
  t.is(await screen.ended, exitCode.rolledBack);
});

test('what is to be confirmed counts down, and stays once a new connection was seen', async t => {
  const engine = fakeEngine({
    events: pendingRun,
    confirm: [finding('fail', 'No new connection yet'), undefined],
  });
  const screen = openScreen(engine);
  await toReview(screen);
  await screen.press('a', keys.down, keys.enter);
  await screen.until('It goes back in');
  t.regex(screen.frame(), /goes back in 3[56]\d\d s/);
  t.regex(screen.frame(), /Unless it is confirmed, it goes back/);
  await screen.press(keys.enter);
  await screen.until('No new connection yet');
  await screen.press(keys.enter);
  for (let tries = 0; screen.frame().includes('goes back') && tries < 100; tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }

  t.notRegex(screen.frame(), /goes back/);
  t.is(engine.asked.filter(({call}) => call === 'confirm').length, 2);
  await screen.press(keys.enter);
  t.is(await screen.ended, exitCode.done);
});

test('a failed live check asks whether to use the answer all the same', async t => {
  const live = async () => [finding('fail', 'The relay does not answer')];
  const screen = openScreen(fakeEngine({live}));
  await screen.until('Begin');
  await screen.press(keys.enter, keys.ctrlG, keys.down, keys.down, keys.enter);
  await screen.until('how?');
  await screen.press(keys.down, keys.enter, 'relay.example.net', keys.enter);
  await screen.until('The relay does not answer');
  await screen.press(keys.down, keys.enter);
  await screen.until('password?');
  t.notRegex(screen.frame(), /The relay does not answer/);
  await quit(screen);
});

test('a window that is too small says so, and goes on where it was when it grows', async t => {
  const screen = openScreen(fakeEngine());
  await screen.until('Begin');
  await screen.press(keys.enter, keys.enter, keys.ctrlU, 'mx.ex');
  await screen.resize(40, 10);
  await screen.until('too small: 40×10');
  await screen.resize(20, 5);
  await screen.resize(100, 30);
  await screen.until('mx.ex');
  t.notRegex(screen.frame(), /too small/);
  await quit(screen);
});

test('Ctrl-C in a window that is too small ends it and keeps the answers', async t => {
  const engine = fakeEngine();
  const screen = openScreen(engine);
  await toAccounts(screen);
  await screen.resize(40, 10);
  await screen.until('Ctrl-C quits');
  await screen.press(keys.ctrlC);
  t.is(await screen.ended, exitCode.interrupted);
  t.true(engine.asked.some(({call}) => call === 'save'));
});

test('the last row of the window stays empty at every size', async t => {
  const screen = openScreen(fakeEngine(), {columns: 60, rows: 15});
  await toReview(screen);
  for (const [columns, rows] of [
    [60, 15],
    [200, 50],
    [80, 24],
  ] as const) {
    await screen.resize(columns, rows);
    t.true(screen.frame().split('\n').length <= rows - 1);
    t.regex(screen.frame(), /^dovetail/);
  }

  await quit(screen);
});

test('without colour no colour is sent, without UTF-8 nothing but ASCII', async t => {
  const screen = openScreen(fakeEngine(), {color: false, unicode: false});
  await toReview(screen);
  t.notRegex(screen.written(), /\u001b\[(?:[0-9;]*;)?(?:1|2|3[0-9]|9[0-9])m/);
  t.regex(screen.written(), /^[\x00-\x7f]*$/);
  await quit(screen);
});

test('what comes from the machine cannot send terminal controls', async t => {
  const evil = '\u001b]0;owned\u0007\u001b[2J';
  const result = (sections: readonly string[]) =>
    ({
      kind: 'plan',
      plan: {...samplePlan(sections), effective: [{of: 'doveconf', lines: [`+${evil}`]}]},
    }) as const;
  const screen = openScreen(fakeEngine({result}));
  await toReview(screen);
  await screen.press('\u001b[F');
  t.true(screen.frame().includes('␛]0;owned␇␛[2J'));
  t.false(screen.written().includes('\u001b]0;owned'));
  await quit(screen);
});

test('when the terminal goes away the session ends and the answers are kept', async t => {
  const engine = fakeEngine();
  const screen = openScreen(engine);
  await toAccounts(screen);
  screen.hangUp();
  t.is(await screen.ended, exitCode.interrupted);
  t.true(engine.asked.some(({call}) => call === 'save'));
});

test('Japanese fits the same window', async t => {
  const screen = openScreen(fakeEngine(), {lang: 'ja'});
  await screen.until('始める');
  await screen.press(keys.enter, keys.enter);
  t.snapshot(screen.frame(), 'a text in Japanese');
  await quit(screen);
});

test('what is looked for counts down, and what was found is chosen from, or typed', async t => {
  const looked = Promise.withResolvers<Looked>();
  const engine = fakeEngine({scene: {steps: offeringSteps}, look: async () => looked.promise});
  const screen = openScreen(engine);
  await screen.until('Begin');
  await screen.press(keys.enter, keys.ctrlG, keys.down, keys.down, keys.enter);
  await screen.until('how?');
  await screen.press(keys.down, keys.enter);
  await screen.until('Looking what there is … (4 s at most)');
  looked.resolve({
    kind: 'offers',
    offers: [{value: 'x\u001b]0;evil\u0007'}, {value: 'one.example.net', hint: 'first'}],
  });
  await screen.until('one.example.net  first');
  t.regex(screen.frame(), /evil␇ {2}not here/);
  t.regex(screen.frame(), /Something else/);
  await screen.press(keys.enter);
  await screen.until('password?');
  t.like(
    engine.asked.findLast(({call}) => call === 'save'),
    {answers: {relay: {host: 'one.example.net'}}},
  );
  await quit(screen);
});
