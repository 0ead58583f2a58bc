import {PassThrough} from 'node:stream';
import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import type {Lang} from '../../src/core/text.js';
import {runLinear} from '../../src/linear/index.js';
import {steps} from '../../steps/index.js';
import {offeringSteps} from '../helpers/sample-steps.js';
import {fakeEngine, type FakeEngine, finding, pendingRun, unprovedRun} from '../helpers/fake-engine.js';

const run = async (
  engine: FakeEngine,
  typed: readonly string[],
  over: {readonly sections?: readonly string[]; readonly dryRun?: boolean; readonly lang?: Lang} = {},
) => {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.end(typed.map(line => `${line}\n`).join(''));
  const code = await runLinear({
    engine,
    lang: 'en',
    prompter: 'numbered',
    sections: [],
    dryRun: false,
    ...over,
    stdin,
    stdout,
  });
  return {code, output: String(stdout.read() ?? '')};
};

const password = 'correct-horse';
const basics = ['1', '1', '', '', 'anna@example.com', password, password, '', '', ''];

test('numbered prompts lead from the start to a proved server', async t => {
  const engine = fakeEngine();
  const {code, output} = await run(engine, [...basics, '1', '1', 'yes', '1']);
  t.is(code, exitCode.done);
  t.deepEqual(
    engine.asked.map(({call}) => call).filter(call => call !== 'save' && call !== 'prestage'),
    ['plan', 'apply', 'forget'],
  );
  t.regex(output, /Done\. The server was set up and proved\./);
  t.regex(output, /To undo it: dovetail rollback 20261123T100000Z-abc/);
});

test('a password is typed twice, held by the engine, and never printed or put into answers', async t => {
  const engine = fakeEngine();
  const {output} = await run(engine, [...basics, '1', '1', 'yes', '1']);
  t.deepEqual([...engine.held.values()], [password]);
  t.false(output.includes(password));
  t.false(JSON.stringify(engine.asked).includes(password));
});

test('a refused answer says why and is asked again', async t => {
  const {output} = await run(fakeEngine(), ['1', '1', 'mail', 'mail.example.org', ':q', '2']);
  t.regex(output, /! A whole name has a dot\.[\s\S]*domains\?/);
});

test('one that differs the second time is asked again', async t => {
  const engine = fakeEngine();
  const {output} = await run(engine, ['1', '1', '', '', 'anna@example.com', password, 'other-horse-1', ':q']);
  t.regex(output, /The two passwords are not the same/);
  t.is(engine.held.size, 0);
});

test('a password that is the name is refused in place', async t => {
  const name = 'anna@example.com';
  const {output} = await run(fakeEngine({scene: {steps}}), ['1', '1', '', '', '', name, name, ':q']);
  t.regex(output, /! A password must not be the name/);
});

test('an empty password is generated and shown once', async t => {
  const {output} = await run(fakeEngine(), ['1', '1', '', '', 'anna@example.com', '', '', ':q', '2']);
  t.is(output.split('kabu12-nolo34').length, 2);
});

test('changes need the whole word yes', async t => {
  const engine = fakeEngine();
  const {code} = await run(engine, [...basics, '1', '1', 'y', '6', '2']);
  t.is(code, exitCode.interrupted);
  t.false(engine.asked.some(({call}) => call === 'apply'));
});

test('the end of the input leaves the machine alone and keeps the answers', async t => {
  const engine = fakeEngine();
  const {code, output} = await run(engine, ['1', '1', 'mail.example.org']);
  t.is(code, exitCode.interrupted);
  t.regex(output, /Your answers were kept/);
  t.true(
    engine.asked.some(
      asked => asked.call === 'save' && asked.answers['role']?.['hostname'] === 'mail.example.org',
    ),
  );
});

test('a failed live check can be overruled and is listed in the review', async t => {
  const engine = fakeEngine({live: async () => [finding('fail', 'The relay does not answer')]});
  const {output} = await run(engine, [
    '1',
    '2',
    '',
    '2',
    'relay.example.net',
    '2',
    'relay-secret',
    'relay-secret',
    '1',
    '6',
    '2',
  ]);
  t.regex(output, /To know before you accept --\n\[FAIL\] The relay does not answer/);
});

test('a failed proof is shown with cause, remedy and log, and can be taken back', async t => {
  const engine = fakeEngine({events: unprovedRun});
  const {code, output} = await run(engine, [...basics, '1', '1', 'yes', '2', '1']);
  t.is(code, exitCode.rolledBack);
  t.regex(output, /\[FAIL\] Relay is not refused\n {7}Cause of .*\n {7}Remedy of .*\n {7}\| postfix\/smtpd/);
  t.true(engine.asked.some(({call}) => call === 'rollback'));
});

test('what goes back unless it is confirmed is said at the end, and stays once a new connection was seen', async t => {
  const engine = fakeEngine({
    events: pendingRun,
    confirm: [finding('fail', 'No new connection yet'), undefined],
  });
  const {code, output} = await run(engine, [...basics, '1', '1', 'yes', '1', '1', '1']);
  t.is(code, exitCode.done);
  t.regex(
    output,
    /Unless it is confirmed, it goes back[\s\S]*1[.)] Confirm: I have just logged in anew[\s\S]*No new connection yet/,
  );
  t.is(engine.asked.filter(({call}) => call === 'confirm').length, 2);
  // Kept, it is not offered again.
  t.is(output.split('1. Confirm:').length + output.split('1) Confirm:').length - 2, 2);
});

test('named sections ask all their questions and then plan', async t => {
  const engine = fakeEngine();
  await run(engine, ['1', '', '', '', '50', '6', '2'], {sections: ['role']});
  const plan = engine.asked.find(asked => asked.call === 'plan');
  t.deepEqual(plan?.call === 'plan' && plan.sections, ['role']);
  t.is(plan?.call === 'plan' && plan.answers['role']?.['quota'], 50);
});

test('a dry run ends at the review with code 2 and nothing applied', async t => {
  const engine = fakeEngine();
  const {code} = await run(engine, [...basics, '1', '1'], {dryRun: true});
  t.is(code, exitCode.pending);
  t.false(engine.asked.some(({call}) => call === 'apply'));
});

test('Japanese is spoken throughout', async t => {
  const {output} = await run(fakeEngine(), ['1', '', ':q', '2'], {lang: 'ja'});
  t.regex(output, /hostnameは\?/);
  t.notRegex(output, /Help for|Why:/);
});

const toHost = ['1', '2', '', '2'];
const evil = `x"; DROP TABLE y; \u001b]0;evil\u0007`;

test('what was found is chosen by its number, and what cannot be used says why', async t => {
  const looked = {
    kind: 'offers',
    offers: [{value: evil}, {value: 'one.example.net', hint: 'first'}],
  } as const;
  const engine = fakeEngine({scene: {steps: offeringSteps}, look: async () => looked});
  const {output} = await run(engine, [...toHost, '1', '2', 'relay-secret', 'relay-secret', ':q', '1']);
  t.regex(output, /Looking what there is … \(5 s at most\)/);
  t.regex(output, /2[.)] one\.example\.net – first/);
  t.regex(output, /DROP TABLE y[^\n]*not here: Line breaks/);
  t.false(output.includes('\u001b]0'));
  const saved = engine.asked.findLast(({call}) => call === 'save');
  t.like(saved, {answers: {relay: {host: 'one.example.net'}}});
});

test('something else can be typed, and so it is where nothing was found', async t => {
  const looked = {kind: 'offers', offers: [{value: 'one.example.net'}]} as const;
  const other = fakeEngine({scene: {steps: offeringSteps}, look: async () => looked});
  await run(other, [...toHost, '2', 'two.example.net', 'relay-secret', 'relay-secret', ':q', '1']);
  t.like(
    other.asked.findLast(({call}) => call === 'save'),
    {answers: {relay: {host: 'two.example.net'}}},
  );
  const none = fakeEngine({
    scene: {steps: offeringSteps},
    look: async () => ({kind: 'nothing', finding: finding('fail', 'No tables')}),
  });
  const {output} = await run(none, [...toHost, 'two.example.net', 'relay-secret', 'relay-secret', ':q', '1']);
  t.regex(output, /No tables/);
  t.like(
    none.asked.findLast(({call}) => call === 'save'),
    {answers: {relay: {host: 'two.example.net'}}},
  );
});
