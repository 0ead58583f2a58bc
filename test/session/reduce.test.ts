import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Scene} from '../../src/session/engine.js';
import {reduce} from '../../src/session/reduce.js';
import {startRun} from '../../src/session/run-view.js';
import {summaryLines} from '../../src/session/summary.js';
import {type Action, type Effect, initialState, type Place, type State} from '../../src/session/state.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';
import {fakeEngine, finding, goodRun, samplePlan, unprovedRun} from '../helpers/fake-engine.js';
import {sampleSteps} from '../helpers/sample-steps.js';

type From = {
  readonly sections?: readonly string[];
  readonly over?: Partial<Scene>;
  readonly outlives?: boolean;
  readonly from?: State;
};

/** Plays actions and returns the last state with all effects. */
const play = (actions: readonly Action[], {sections = [], over = {}, outlives = false, from}: From = {}) => {
  const scene: Scene = {
    facts: debian12Facts(),
    platform: debian12Platform,
    steps: sampleSteps,
    adopted: {},
    ...over,
  };
  let state =
    from ?? reduce(initialState({sections, dryRun: false, outlives}), {type: 'detected', scene}).state;
  const effects: Effect[] = [];
  for (const action of actions) {
    const reduced = reduce(state, action);
    state = reduced.state;
    effects.push(...reduced.effects);
  }

  return {state, effects};
};

/** What is printed when it is over. */
const ending = (state: State) => summaryLines(state, 'en', fakeEngine());

const begin: Action = {type: 'begin', resume: false};
const say = (...values: readonly unknown[]): readonly Action[] =>
  values.map(value => ({type: 'answer', value}));
const anna = [{name: 'anna@example.com', password: {held: 'h1'}}];
const basics = say('complete', 'mail.example.com', ['example.com'], anna, ['imap'], 'direct');
const at = ({screen}: State): string =>
  screen.at === 'question' ? `${screen.place.section}.${screen.place.question}` : screen.at;
const place = (section: string, question: string): Place => ({section, question});
const planId = ({screen}: State) => (screen.at === 'planning' ? screen.id : -1);
const liveId = ({live}: State) => live?.id ?? -1;
const reviewed = () => {
  const {state} = play([begin, ...basics, {type: 'plan'}]);
  const result = {kind: 'plan', plan: samplePlan(['role', 'relay'])} as const;
  return play([{type: 'planned', id: planId(state), result}], {from: state}).state;
};
const running = () => play([{type: 'accept'}, {type: 'confirm'}], {from: reviewed()});
const events = (list: typeof goodRun): readonly Action[] => list.map(event => ({type: 'event', event}));
const asksRelay: readonly Action[] = [
  begin,
  {type: 'jump', section: 'relay'},
  ...say('smarthost', 'relay.example.net'),
];

test('the basic questions come in the order in which people think, then the decided ones', t => {
  t.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map(count => at(play([begin, ...basics.slice(0, count)]).state)),
    [
      'role.kind',
      'role.hostname',
      'role.domains',
      'auth-passwdfile.accounts',
      'auth-passwdfile.services',
      'relay.how',
      'decided',
    ],
  );
});

test('a question that does not apply is passed over, and so is a section', t => {
  t.is(at(play([begin, ...say('null-client', 'mail.example.com')]).state), 'relay.how');
});

test('an answer that is refused stays on its question with the reason, and is not kept', t => {
  const {state} = play([begin, ...say('complete', 'mail')]);
  t.is(at(state), 'role.hostname');
  t.is(state.problem?.reason.en, 'A whole name has a dot.');
  t.is(state.answers['role']?.['hostname'], undefined);
  t.is(play([{type: 'edit'}], {from: state}).state.problem, undefined);
});

test('a choice that is not available here is refused with its reason', t => {
  t.is(play([begin, ...say('front')]).state.problem?.reason.en, 'Postfix is missing');
});

test('back goes to the question before, from the first one to the start', t => {
  const {state} = play([begin, ...say('complete', 'mail.example.com'), {type: 'back'}]);
  t.is(at(state), 'role.hostname');
  t.is(at(play([{type: 'back'}, {type: 'back'}], {from: state}).state), 'start');
});

test('a question that is passed by without an answer is asked again before planning', t => {
  const {state} = play([begin, ...Array.from({length: 6}, () => ({type: 'forward'}) as const)]);
  t.is(at(state), 'decided');
  t.deepEqual(state.skipped, ['auth-passwdfile.accounts']);
  const planned = play([{type: 'plan'}], {from: state});
  t.is(at(planned.state), 'auth-passwdfile.accounts');
  t.truthy(planned.state.problem);
  t.deepEqual(planned.effects, []);
});

test('a default that was not said is not kept, so it follows the answer that it is made from', t => {
  const {state} = play([begin, ...say('complete', 'mx.example.net'), {type: 'forward'}]);
  t.is(state.answers['role']?.['domains'], undefined);
  t.is(at(state), 'auth-passwdfile.accounts');
});

test('a jump goes to the first question of a section; one that is not there moves nothing', t => {
  const {state} = play([begin, {type: 'jump', section: 'relay'}]);
  t.is(at(state), 'relay.how');
  t.is(at(play([{type: 'jump', section: 'nothing'}], {from: state}).state), 'relay.how');
});

test('a decided answer is opened, changed, and returns to its line', t => {
  const {state} = play([begin, ...basics, {type: 'open', place: place('role', 'quota')}, ...say(50)]);
  t.deepEqual(state.screen, {at: 'decided', focus: place('role', 'quota')});
  t.is(state.answers['role']?.['quota'], 50);
});

test('named sections ask all their questions and plan at the end', t => {
  const {state, effects} = play([begin, ...say('complete', 'mail.example.com', ['example.com'], 20)], {
    sections: ['role'],
  });
  t.is(at(state), 'planning');
  t.deepEqual(
    effects.map(({type}) => type),
    ['plan'],
  );
});

test('a live check holds the answer back, and its success lets it through', t => {
  const {state, effects} = play(asksRelay);
  t.is(at(state), 'relay.host');
  t.is(state.answers['relay']?.['host'], undefined);
  t.is(effects.at(-1)?.type, 'live');
  const passed = play([{type: 'live', id: liveId(state), findings: [finding('pass', 'answers')]}], {
    from: state,
  });
  t.is(at(passed.state), 'relay.password');
  t.is(passed.state.answers['relay']?.['host'], 'relay.example.net');
});

test('a changed input cancels the live check, and a result that comes late is dropped', t => {
  const {state} = play(asksRelay);
  const id = liveId(state);
  const edited = play([{type: 'edit'}], {from: state});
  t.deepEqual(edited.effects, [{type: 'cancel-live', id}]);
  t.is(play([{type: 'live', id, findings: []}], {from: edited.state}).state, edited.state);
  const again = play(say('other.example.net'), {from: edited.state});
  t.not(liveId(again.state), id);
  t.is(play([{type: 'live', id, findings: []}], {from: again.state}).state, again.state);
});

test('a failed live check holds the answer until it is overruled, and is remembered for the review', t => {
  const {state} = play(asksRelay);
  const failed = finding('fail', 'no answer');
  const held = play([{type: 'live', id: liveId(state), findings: [failed]}], {from: state});
  t.is(at(held.state), 'relay.host');
  const overruled = play([{type: 'overrule'}], {from: held.state});
  t.is(at(overruled.state), 'relay.password');
  t.deepEqual(overruled.state.overruled, {'relay.host': [failed]});
});

test('progress is saved after each answer, without any held secret', t => {
  const saved = play([begin, ...basics]).effects.filter(effect => effect.type === 'save-progress');
  t.is(saved.length, 6);
  t.false(JSON.stringify(saved).includes('h1'));
  t.true(JSON.stringify(saved.at(-1)).includes('anna@example.com'));
});

test('a resumed session goes to the first open question and knows whose password to ask again', t => {
  const resumable: AllAnswers = {
    role: {kind: 'complete', hostname: 'mx.example.net', domains: ['example.net']},
    'auth-passwdfile': {accounts: [{name: 'anna@example.net'}]},
  };
  const {state} = play([{type: 'begin', resume: true}], {over: {resumable}});
  t.is(at(state), 'auth-passwdfile.accounts');
  t.deepEqual(state.drafts, {'auth-passwdfile.accounts': ['anna@example.net']});
  t.is(state.answers['role']?.['hostname'], 'mx.example.net');
  t.deepEqual(play([begin], {over: {resumable}}).state.answers, {});
});

test('adopted answers are what the questions start from', t => {
  const adopted = {relay: {how: 'smarthost', host: 'old.example.net'}};
  t.is(play([begin], {over: {adopted}}).state.answers['relay']?.['host'], 'old.example.net');
});

test('a run that was cut short must be recovered before anything else', t => {
  const unfinished = {id: 'x', when: 'w', sections: [], outcome: 'running', changes: 1};
  const {state} = play([begin], {over: {unfinished}});
  t.is(at(state), 'start');
  const recovering = play([{type: 'recover'}], {from: state});
  t.deepEqual(recovering.effects, [{type: 'recover'}]);
  const over: readonly Action[] = [
    {type: 'event', event: {type: 'finished', outcome: 'rolled-back', ms: 1}},
    {type: 'finish'},
  ];
  const after = play(over, {from: recovering.state});
  t.is(at(after.state), 'detecting');
  t.deepEqual(after.effects, [{type: 'detect'}]);
});

test('only the newest plan request counts', t => {
  const {state} = play([begin, ...basics, {type: 'plan'}, {type: 'back'}, {type: 'plan'}]);
  const id = planId(state);
  const result = {kind: 'plan', plan: samplePlan(['role'])} as const;
  t.is(play([{type: 'planned', id: id - 1, result}], {from: state}).state, state);
  t.is(at(play([{type: 'planned', id, result}], {from: state}).state), 'review');
});

test('a section that is left out is planned without, and can be put back', t => {
  const without = play([{type: 'leave-out', section: 'relay'}], {from: reviewed()});
  const effect = without.effects.at(-1);
  t.deepEqual(effect?.type === 'plan' && effect.scope, {named: [], leftOut: ['relay']});
  const back = play(
    [
      {
        type: 'planned',
        id: planId(without.state),
        result: {kind: 'plan', plan: samplePlan(['role'])},
      },
      {type: 'put-back', section: 'relay'},
    ],
    {from: without.state},
  ).effects.at(-1);
  t.deepEqual(back?.type === 'plan' && back.scope, {named: [], leftOut: []});
});

test('nothing is applied without accepting and then confirming', t => {
  const from = reviewed();
  t.deepEqual(play([{type: 'confirm'}], {from}).effects, []);
  t.deepEqual(play([{type: 'accept'}], {from}).effects, []);
  t.deepEqual(play([{type: 'accept'}, {type: 'decline'}, {type: 'confirm'}], {from}).effects, []);
  t.deepEqual(
    running().effects.map(({type}) => type),
    ['apply'],
  );
});

test('an empty plan ends with code 0 and applies nothing', t => {
  const {state} = play([begin, ...basics, {type: 'plan'}]);
  const result = {kind: 'plan', plan: {...samplePlan([]), stages: []}} as const;
  const over = play([{type: 'planned', id: planId(state), result}, {type: 'accept'}], {from: state});
  t.deepEqual(over.state.screen, {at: 'ended', code: exitCode.done, saved: false});
  t.deepEqual(over.effects, [{type: 'forget-progress'}]);
});

test('a run that is proved ends with code 0 and forgets the progress', t => {
  const {state, effects} = play([...events(goodRun), {type: 'finish'}], {from: running().state});
  t.deepEqual(state.screen, {at: 'ended', code: exitCode.done, saved: false});
  t.deepEqual(effects, [{type: 'forget-progress'}]);
});

test('what was applied can be taken back, proved or not', t => {
  for (const list of [goodRun, unprovedRun]) {
    const {effects} = play([...events(list), {type: 'roll-back'}], {from: running().state});
    t.deepEqual(effects.at(-1), {type: 'rollback', id: '20261123T100000Z-abc'});
  }
});

test('an unproved run that is kept ends with code 2', t => {
  const {screen} = play([...events(unprovedRun), {type: 'finish'}], {from: running().state}).state;
  t.is(screen.at === 'ended' && screen.code, exitCode.pending);
});

test('Ctrl-C while asking asks once, however often it comes; staying changes nothing', t => {
  const {state} = play([begin, ...Array.from({length: 10}, () => ({type: 'quit'}) as const)]);
  t.true(state.quitting);
  t.is(at(state), 'role.kind');
  t.false(play([{type: 'stay'}], {from: state}).state.quitting);
});

test('quitting saves the answers or forgets them, as was said', t => {
  const from = play([begin, ...say('complete', 'mx.example.net'), {type: 'quit'}]).state;
  t.is(play([{type: 'leave', save: true}], {from}).effects[0]?.type, 'save-progress');
  t.deepEqual(play([{type: 'leave', save: false}], {from}).effects, [{type: 'forget-progress'}]);
});

test('stopping a run interrupts it once and waits until the machine is in order', t => {
  const leave: Action = {type: 'leave', save: true};
  const {state, effects} = play([leave, leave], {from: running().state});
  t.deepEqual(effects, [{type: 'interrupt'}]);
  t.is(at(state), 'running');
  t.true(state.run?.stopping);
});

test('an undo is not stopped half-way', t => {
  const actions: readonly Action[] = [...events(goodRun), {type: 'roll-back'}, {type: 'leave', save: true}];
  const {state, effects} = play(actions, {from: running().state});
  t.is(at(state), 'running');
  t.false(effects.some(({type}) => type === 'interrupt'));
});

test('a terminal that goes away while asking saves and ends', t => {
  const {state, effects} = play([begin, ...say('complete'), {type: 'hang-up'}]);
  t.is(state.screen.at, 'ended');
  t.is(effects.at(-1)?.type, 'save-progress');
});

test('a terminal that goes away while changes are made ends only when they are put back', t => {
  const run = play([{type: 'hang-up'}], {from: running().state});
  t.deepEqual(run.effects, [{type: 'interrupt'}]);
  t.is(at(run.state), 'running');
  const finished: Action = {type: 'event', event: {type: 'finished', outcome: 'interrupted', ms: 1}};
  const {screen} = play([finished], {from: run.state}).state;
  t.is(screen.at === 'ended' && screen.code, exitCode.interrupted);
});

test('where a run is in a process of its own, a terminal that goes away leaves it working', t => {
  const {state} = play([begin], {outlives: true});
  const left = play([{type: 'hang-up'}], {
    from: {...state, screen: {at: 'running'}, run: startRun('apply')},
  });
  t.deepEqual(left.effects, [{type: 'detach'}]);
  t.is(left.state.screen.at, 'ended');
});

test('where another dovetail is at work it is watched, and to stop watching changes nothing', t => {
  const scene = {running: {by: 'anna, process 7'}};
  const {state} = play([], {over: scene});
  t.is(at(state), 'running');
  const shown = play([{type: 'event', event: {type: 'transaction', id: 'x', total: 3}}], {from: state});
  t.is(shown.state.run?.total, 3);
  const left = play([{type: 'quit'}, {type: 'leave', save: true}], {from: shown.state});
  t.deepEqual(left.effects, [{type: 'detach'}]);
  t.is(left.state.screen.at, 'ended');
});

test('an apply that cannot start says why and leads back', t => {
  const what = {en: 'Locked', ja: 'ロック'};
  const problem = {code: exitCode.locked, what, remedy: {en: 'Wait', ja: '待つ'}};
  const {state} = play([{type: 'failed', problem}], {from: running().state});
  t.is(state.screen.at, 'problem');
  t.is(at(play([{type: 'back'}], {from: state}).state), 'decided');
  const {screen} = play([{type: 'finish'}], {from: state}).state;
  t.is(screen.at === 'ended' && screen.code, exitCode.locked);
  t.deepEqual(ending(play([{type: 'back'}, {type: 'leave', save: false}], {from: state}).state), [
    'Nothing was changed.',
  ]);
});

test('an apply that was cut short leads nowhere but out', t => {
  const what = {en: 'Ended', ja: '終了'};
  const problem = {code: exitCode.stuck, what, remedy: {en: 'Start again', ja: '再起動'}};
  const {state} = play([{type: 'failed', problem}], {from: running().state});
  for (const end of [{type: 'finish'}, {type: 'leave', save: true}] as const) {
    const {screen} = play([end], {from: state}).state;
    t.is(screen.at, 'ended');
    const said = ending(play([end], {from: state}).state);
    t.regex(said.join(' '), /not come to its end.*Start dovetail again/);
    t.notRegex(said.join(' '), /Nothing was changed/);
  }

  const {screen} = play([{type: 'finish'}], {from: state}).state;
  t.is(screen.at === 'ended' && screen.code, exitCode.stuck);
});

test('whoever stops watching is not told that nothing was changed', t => {
  const {state} = play([], {over: {running: {by: 'anna, process 7'}}});
  const said = ending(play([{type: 'leave', save: true}], {from: state}).state);
  t.regex(said.join(' '), /Start dovetail again: it shows it/);
});

test('what an undo kept before it was cut short is in its record, and that is named', t => {
  const unfinished = {id: '20260101T000000Z-abcdef', when: 'w', sections: [], outcome: 'running', changes: 1};
  const finished = {type: 'event', event: {type: 'finished', outcome: 'conflicts-kept', ms: 1}} as const;
  const {state} = play([{type: 'recover'}, finished, {type: 'finish'}], {over: {unfinished}});
  t.regex(ending(state).join('\n'), /before it was cut short\.\n.*dovetail show 20260101T000000Z-abcdef/);
});

test('a session that has ended stays ended', t => {
  const {state} = play([begin, {type: 'leave', save: false}]);
  t.is(play([begin, {type: 'plan'}, {type: 'quit'}], {from: state}).state, state);
});

test('what a live check found out is the answer of who has not given one, until another check says otherwise', t => {
  const {state} = play(asksRelay);
  const found = (quota: number) => ({...finding('pass', 'found'), decides: {password: quota}});
  const passed = play([{type: 'live', id: liveId(state), findings: [found(1)]}], {from: state});
  t.is(passed.state.answers['relay']?.['password'], 1);
  const back: readonly Action[] = [{type: 'open', place: place('relay', 'host')}, ...say('b.example.net')];
  const asked = play(back, {from: passed.state});
  const again = play([{type: 'live', id: liveId(asked.state), findings: [found(2)]}], {from: asked.state});
  t.is(again.state.answers['relay']?.['password'], 2);
  const said = play([{type: 'open', place: place('relay', 'password')}, ...say({held: 'h2'})], {
    from: again.state,
  });
  const last = play(back, {from: said.state});
  const kept = play([{type: 'live', id: liveId(last.state), findings: [found(3)]}], {from: last.state});
  t.deepEqual(kept.state.answers['relay']?.['password'], {held: 'h2'});
});
