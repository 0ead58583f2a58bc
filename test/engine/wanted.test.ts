import test from 'ava';
import {list, text} from '../../src/core/question.js';
import {defineStep, type Step} from '../../src/core/step.js';
import {literal} from '../../src/core/text.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Scope} from '../../src/core/scope.js';
import {complete} from '../../src/answers/complete.js';
import {onTop} from '../../src/engine/adopt.js';
import {wantedOf} from '../../src/engine/wanted.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';

const words = {ask: literal('?'), help: literal('.'), why: literal('.'), level: 'basic'} as const;
const common = {
  needs: [],
  owns: [],
  adopt: () => ({}),
  probes: () => [],
  title: literal(''),
  why: literal(''),
};

// One section says who is there, another keeps a list of them, a third has nothing to do with it.
const steps: readonly Step[] = [
  defineStep({
    ...common,
    id: 'people',
    questions: {names: list({...words, initial: () => []})},
    plan: ({answers: {names = []}}) => [
      {kind: 'setting', in: 'main.cf', at: 'people', op: 'set', value: names.join(' ')},
    ],
  }),
  defineStep({
    ...common,
    id: 'table',
    questions: {banner: text({...words, example: 'hello', initial: () => 'hello'})},
    plan: ({answers, all}) => [
      {kind: 'setting', in: 'main.cf', at: 'banner', op: 'set', value: answers.banner ?? ''},
      {
        kind: 'setting',
        in: 'main.cf',
        at: 'table',
        op: 'set',
        value: String(all['people']?.['names'] ?? ''),
      },
    ],
  }),
];

const facts = {...debian12Facts(), configured: {dovecot: true, postfix: true}};
const base: AllAnswers = {people: {names: ['anna']}, table: {banner: 'hello'}};

const wanted = (said: AllAnswers, scope: Scope, configured = facts.configured) => {
  const scene = {facts: {...facts, configured}, platform: debian12Platform};
  const scenario = {steps, answers: complete(steps, onTop(base, said), scene), ...scene};
  return wantedOf({scenario, base, said, scope, materials: {}}).map(({section, want}) =>
    want.kind === 'setting' && want.op === 'set' ? `${section}: ${want.at} = ${want.value}` : '?',
  );
};

const said = {people: {names: ['anna', 'berta']}, table: {banner: 'welcome'}};

test('a section that is named brings what follows from it in others, and not their own new answers', t => {
  t.deepEqual(wanted(said, {named: ['people'], leftOut: []}), [
    'people: people = anna berta',
    'table: table = anna,berta',
  ]);
});

test('a section that is named alone changes nothing of those before it', t => {
  t.deepEqual(wanted({table: {banner: 'welcome'}}, {named: ['table'], leftOut: []}), [
    'table: banner = welcome',
  ]);
});

test('what the admin leaves out does not come back as a consequence', t => {
  t.deepEqual(wanted(said, {named: ['people'], leftOut: ['table']}), ['people: people = anna berta']);
  t.deepEqual(wanted(said, {named: [], leftOut: ['table']}), ['people: people = anna berta']);
});

test('a side that nobody has configured is not set up on the way', t => {
  t.deepEqual(
    wanted({people: {names: ['berta']}}, {named: ['people'], leftOut: []}, {dovecot: true, postfix: false}),
    ['people: people = berta'],
  );
});

test('nothing said is nothing wanted', t => {
  t.deepEqual(wanted({}, {named: ['people'], leftOut: []}), []);
  t.deepEqual(wanted({}, {named: [], leftOut: []}), []);
});
