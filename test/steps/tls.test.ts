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

const lineage = '/etc/letsencrypt/live/mail.example.com';
const issued = {
  lineage: 'mail.example.com',
  names: ['mail.example.com', 'imap.example.com'],
  server: 'https://ca.example.com/dir',
  challenge: {type: 'webroot', path: '/srv/www'},
  algorithm: 'rsa-2048',
} as const;
const timer = {'certbot.timer': {enabled: true, active: true, exists: true}};

test('certbot is asked for all names, renews by its timer, and is reached by port 80', t => {
  const answers = completeAnswers({
    tls: {source: 'certbot', agree: true, names: ['imap.example.com'], contact: 'admin@example.com'},
  });
  const wants = wantsOf('tls', {answers});
  t.like(
    wants.find(({kind}) => kind === 'issued-certificate'),
    {
      order: {
        lineage: 'mail.example.com',
        names: ['mail.example.com', 'imap.example.com'],
        server: 'https://acme-v02.api.letsencrypt.org/directory',
        contact: 'admin@example.com',
        challenge: {type: 'standalone'},
        algorithm: 'ec-p256',
      },
    },
  );
  t.deepEqual(
    wants.flatMap(want =>
      want.kind === 'service' ? [want.unit] : want.kind === 'port' ? [String(want.port)] : [],
    ),
    ['certbot.timer', '80'],
  );
  t.deepEqual(paths({source: 'certbot', agree: true}), [
    '/etc/letsencrypt/renewal-hooks/deploy/dovetail 755',
  ]);
  t.deepEqual(materials({source: 'certbot', agree: true}), []);
  t.like(
    wants.find(want => want.kind === 'setting' && want.in === 'dovecot' && want.at === 'tls.certificate'),
    {value: `${lineage}/fullchain.pem`},
  );
});

test('the door that was opened for certbot is closed where a certificate is made here again, and only ours', t => {
  const ports = (source: string, ours: readonly string[]) =>
    wantsOf('tls', {
      answers: completeAnswers({tls: {source, lineage: 'mail.example.com', agree: true}}),
      facts: debian12Facts({
        firewall: {...debian12Facts().firewall, backend: 'ufw', active: true, ours},
        certificates: {lineages: ['mail.example.com']},
      }),
    }).flatMap(want => (want.kind === 'port' ? [`${want.port} ${want.state}`] : []));
  t.deepEqual(ports('self-signed', ['80', '993']), ['80 absent']);
  t.deepEqual(ports('self-signed', ['993']), []);
  t.deepEqual(ports('lets-encrypt', ['80']), []);
  t.deepEqual(ports('certbot', ['80']), ['80 present']);
});

test('what certbot renews as we would have it is known again; anything else is used as it is', t => {
  const facts = (more: Partial<Facts> = {}, own: object = {}) =>
    withPair(lineage, {
      certificates: {lineages: ['mail.example.com'], issued: [{...issued, ...own}]},
      units: timer,
      postfix: {...debian12Facts().postfix, settings: {myhostname: 'mail.example.com'}} as NonNullable<
        Facts['postfix']
      >,
      ...more,
    });
  t.deepEqual(adopted(facts()), {
    source: 'certbot',
    names: ['imap.example.com'],
    key_type: 'rsa-2048',
    server: 'https://ca.example.com/dir',
    challenge: 'webroot',
    webroot: '/srv/www',
    contact: '',
    agree: true,
  });
  const asItIs = {source: 'lets-encrypt', lineage: 'mail.example.com'};
  t.deepEqual(adopted(facts({units: {}})), asItIs);
  t.deepEqual(adopted(facts({}, {challenge: undefined})), asItIs);
  t.deepEqual(adopted(facts({}, {names: ['imap.example.com']})), asItIs);
  t.deepEqual(adopted(facts({}, {algorithm: undefined})), asItIs);
});

test('without a yes to the terms, or with an address that is none, nothing is asked of an authority', t => {
  const answers = completeAnswers({tls: {source: 'certbot'}});
  t.truthy(refusal('tls', 'agree', false, {answers}));
  t.is(refusal('tls', 'agree', true, {answers}), undefined);
  for (const server of [
    'http://ca.example.com/dir',
    'https://u:p@ca.example.com/',
    'ca.example.com',
    'https://a b/',
    '',
  ]) {
    t.truthy(refusal('tls', 'server', server, {answers}), server);
  }

  t.is(refusal('tls', 'server', 'https://ca.example.com:9000/acme/directory', {answers}), undefined);
  t.truthy(refusal('tls', 'contact', 'nobody', {answers}));
  t.is(refusal('tls', 'contact', '', {answers}), undefined);
  const webroot = completeAnswers({tls: {source: 'certbot', challenge: 'webroot'}});
  for (const path of ['www', '/srv/a,b', '/tmp/www', '/srv/../etc']) {
    t.truthy(refusal('tls', 'webroot', path, {answers: webroot}), path);
  }

  for (const facts of [
    debian12Facts({certificates: {lineages: [], snap: true}}),
    debian12Facts({ground: 'directory'}),
  ]) {
    t.truthy(refusal('tls', 'source', 'certbot', {answers, facts}));
  }
});
