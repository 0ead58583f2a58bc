import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {contextOf} from '../../src/planner/wants.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {answersOf, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const subject = {C: 'JP', O: 'Example K.K.', CN: 'mail.example.com'};
const asked = debian12Facts({
  files: {
    '/etc/dovecot/dovecot.conf':
      'ssl_cert = </etc/ssl/dovetail/server.crt\nssl_key = </etc/ssl/dovetail/server.key\n',
  },
  certificates: {
    lineages: [],
    algorithm: 'rsa-3072',
    request: {subject, names: ['mail.example.com', 'imap.example.com'], waiting: true},
  },
});
const withPair = (folder: string, facts: Partial<Facts> = {}) =>
  debian12Facts({
    files: {
      '/etc/dovecot/dovecot.conf': `ssl_cert = <${folder}/fullchain.pem\nssl_key = <${folder}/privkey.pem\n`,
    },
    ...facts,
  });
const adopted = (facts: Facts) => stepOf('tls').adopt(facts, debian12Platform);

const scene = (tls: Readonly<Record<string, unknown>>, facts = debian12Facts()) => {
  const answers = completeAnswers({tls});
  const step = stepOf('tls');
  return {
    step,
    context: contextOf(
      {steps, answers: answersOf({answers, facts}), facts, platform: debian12Platform},
      step,
      {},
    ),
  };
};
const materials = (tls: Readonly<Record<string, unknown>>, facts?: Facts) => {
  const {step, context} = scene(tls, facts);
  return step.materials?.(context) ?? [];
};
const noted = (tls: Readonly<Record<string, unknown>>, facts?: Facts) => {
  const {step, context} = scene(tls, facts);
  return step.notes?.(context).map(({id}) => id);
};
const paths = (tls: Readonly<Record<string, unknown>>) =>
  wantsOf('tls', {answers: completeAnswers({tls})}).flatMap(want =>
    want.kind === 'file' && want.state === 'present' ? [`${want.path} ${want.mode.toString(8)}`] : [],
  );

test('a request is made beside a key and, until it is answered, a certificate that the server can show', t => {
  t.deepEqual(paths({source: 'request'}), [
    '/etc/ssl/dovetail/server.key 600',
    '/etc/ssl/dovetail/server.csr 644',
    '/etc/ssl/dovetail/server.crt 644',
  ]);
  const made = materials({source: 'request', country: 'JP', organization: 'X', names: ['imap.example.com']});
  t.deepEqual(
    made.map(({kind}) => kind),
    ['key', 'request', 'self-signed'],
  );
  t.like(made[1], {
    subject: {C: 'JP', O: 'X', CN: 'mail.example.com'},
    names: ['mail.example.com', 'imap.example.com'],
  });
  t.deepEqual(noted({source: 'request'}), ['tls:waiting']);
});

test('the answer takes the place of the certificate for now, and nothing waits any more', t => {
  const answered = {source: 'request', answer: ['/root/a.p7b']};
  t.like(materials(answered)[2], {kind: 'ca-answer', files: ['/root/a.p7b']});
  t.deepEqual(noted(answered), []);
});

test('days later the request is known by what it asked for, and asking nothing else asks the same', t => {
  t.deepEqual(adopted(asked), {
    source: 'request',
    key_type: 'rsa-3072',
    names: ['imap.example.com'],
    country: 'JP',
    state: '',
    locality: '',
    organization: 'Example K.K.',
    unit: '',
    email: '',
    answer: [],
  });
  const again = materials({source: 'request'}, asked);
  t.like(again[0], {spec: {algorithm: 'rsa-3072'}});
  t.like(again[1], {subject, names: ['mail.example.com', 'imap.example.com']});
});

test('what certbot keeps is used under the names that lead to the newest, with a hook of its own', t => {
  const folder = '/etc/letsencrypt/live/mail.example.com';
  t.deepEqual(adopted(withPair(folder)), {source: 'lets-encrypt', lineage: 'mail.example.com'});
  t.deepEqual(adopted(withPair('/srv/tls')), {
    source: 'own-files',
    certificate: '/srv/tls/fullchain.pem',
    key: '/srv/tls/privkey.pem',
  });
  const tls = {source: 'lets-encrypt', lineage: 'mail.example.com'};
  t.deepEqual(paths(tls), ['/etc/letsencrypt/renewal-hooks/deploy/dovetail 755']);
  t.deepEqual(
    paths({source: 'own-files', certificate: `${folder}/fullchain.pem`, key: `${folder}/privkey.pem`}),
    paths(tls),
  );
  t.deepEqual(paths({source: 'own-files', certificate: '/srv/a.pem', key: '/srv/a.key'}), []);
  t.like(probesOf('tls', {answers: completeAnswers({tls})})[0], {
    kind: 'renewal',
    certificate: `${folder}/fullchain.pem`,
    hook: '/etc/letsencrypt/renewal-hooks/deploy/dovetail',
  });
});

test('Let’s Encrypt cannot be chosen where certbot has nothing', t => {
  const answers = completeAnswers();
  const facts = (lineages: readonly string[]) => debian12Facts({certificates: {lineages}});
  t.truthy(refusal('tls', 'source', 'lets-encrypt', {answers, facts: facts([])}));
  t.is(refusal('tls', 'source', 'lets-encrypt', {answers, facts: facts(['mail.example.com'])}), undefined);
});

test('names and fields that no request can carry are refused', t => {
  const answers = completeAnswers({tls: {source: 'request'}});
  for (const [question, value] of [
    ['names', ['a b']],
    ['names', ['mail.example.com']],
    ['country', 'jp'],
    ['country', 'JPN'],
    ['organization', 'x'.repeat(65)],
    ['organization', 'a\nb'],
    ['organization', ' a'],
    ['email', 'nobody'],
    ['answer', ['server.crt']],
    ['answer', ['/tmp/server.crt']],
  ] as const) {
    t.truthy(refusal('tls', question, value, {answers}), `${question}: ${JSON.stringify(value)}`);
  }

  for (const [question, value] of [
    ['names', ['imap.example.com']],
    ['country', ''],
    ['organization', '株式会社サンプル'],
    ['email', 'admin@example.com'],
    ['answer', ['/root/server.crt', '/etc/ssl/chain.p7b']],
  ] as const) {
    t.is(refusal('tls', question, value, {answers}), undefined, `${question}: ${JSON.stringify(value)}`);
  }
});
