import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import test from 'ava';
import {certificateIssue} from '../../src/changes/certificate-issue.js';
import type {ChangeContext} from '../../src/changes/types.js';
import type {Order} from '../../src/core/acme.js';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {realFiles} from '../../src/system/files.js';
import type {Authority} from '../../src/system/types.js';
import {machineOn} from '../helpers/model.js';

const order: Order = {
  lineage: 'mail.example.com',
  names: ['mail.example.com', 'imap.example.com'],
  server: 'https://acme.example.com/dir',
  contact: '',
  challenge: {type: 'standalone'},
  algorithm: 'ec-p256',
};
const context: ChangeContext = {
  blobs: memoryBlobs(),
  resolve: () => Buffer.alloc(0),
  transaction: 'test',
  say: () => undefined,
};
const changeOf = (more: Partial<Order> = {}) => ({
  id: 'certificate.issue mail.example.com',
  sections: ['tls'],
  kind: 'certificate.issue' as const,
  order: {...order, ...more},
});

/** A tree, and an authority that leaves there what certbot(1) 2.1 leaves: seen with the real one. */
const machine = () => {
  const root = mkdtempSync(join(tmpdir(), 'certbot-'));
  const at = (path: string) => join(root, path);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), {recursive: true});
    writeFileSync(at(path), text);
  };
  const folder = '/etc/letsencrypt';
  const asked: string[] = [];
  const issue = ({lineage, names, server}: Pick<Order, 'lineage' | 'names' | 'server'>, account: string) => {
    mkdirSync(at(`${folder}/archive/${lineage}`), {recursive: true});
    const serial = readdirSync(at(`${folder}/archive/${lineage}`)).length / 2 + 1;
    const key = makeKey({algorithm: 'ec-p256'});
    const count = existsSync(at(`${folder}/keys`)) ? readdirSync(at(`${folder}/keys`)).length : 0;
    put(`${folder}/keys/000${count}_key-certbot.pem`, key);
    put(`${folder}/csr/000${count}_csr-certbot.pem`, 'request');
    put(`${folder}/archive/${lineage}/privkey${serial}.pem`, key);
    put(`${folder}/archive/${lineage}/fullchain${serial}.pem`, selfSigned(key, {CN: lineage}, names, 90));
    mkdirSync(at(`${folder}/live/${lineage}`), {recursive: true});
    for (const path of ['README', `${lineage}/README`].map(name => `${folder}/live/${name}`)) {
      if (!existsSync(at(path))) {
        put(path, 'read me');
      }
    }

    for (const part of ['fullchain', 'privkey']) {
      rmSync(at(`${folder}/live/${lineage}/${part}.pem`), {force: true});
      symlinkSync(
        `../../archive/${lineage}/${part}${serial}.pem`,
        at(`${folder}/live/${lineage}/${part}.pem`),
      );
    }

    put(
      `${folder}/renewal/${lineage}.conf`,
      `version = 2.1.0\n[renewalparams]\naccount = ${account}\nserver = ${server}\nauthenticator = standalone\n`,
    );
    put(`${folder}/accounts/${new URL(server).host}/dir/${account}/private_key.json`, '{}');
    mkdirSync(at('/var/lib/letsencrypt/backups'), {recursive: true});
  };
  const authority: Authority = {
    simulated: false,
    rehearse: async () => void asked.push('rehearse'),
    issue: async wanted => {
      asked.push('issue');
      issue(wanted, 'ours');
    },
    quiet: async () => undefined,
  };
  mkdirSync(at('/var/lib'), {recursive: true});
  put(`${folder}/cli.ini`, 'max-log-backups = 0\n');
  return {
    system: {...machineOn(realFiles(root)), authority},
    issue,
    put,
    at,
    asked,
    tree: () => treeOf(root),
  };
};

const treeOf = (root: string, path = ''): readonly string[] =>
  readdirSync(join(root, path)).flatMap(name => {
    const child = `${path}/${name}`;
    const stat = lstatSync(join(root, child));
    return stat.isDirectory()
      ? [child, ...treeOf(root, child)]
      : [
          `${child} ${stat.isSymbolicLink() ? readlinkSync(join(root, child)) : `${stat.mtimeMs} ${readFileSync(join(root, child), 'utf8')}`}`,
        ];
  });

test('it is rehearsed, then issued; what fits is not ordered again; undone, all of it is gone', async t => {
  const {system, asked, tree} = machine();
  const was = tree();
  const change = changeOf();
  t.is(await certificateIssue.observe(system, change), 'missing');
  const before = await certificateIssue.capture(system, change, context);
  const after = await certificateIssue.apply(system, change, before, context);
  t.deepEqual(asked, ['rehearse', 'issue']);
  t.deepEqual(await certificateIssue.verify(system, change, after), []);
  const seen = await certificateIssue.observe(system, change);
  const shown = certificateIssue.preview(change, seen, {} as never);
  t.is(shown.action, 'none');
  t.is(
    certificateIssue.preview(changeOf({names: [...order.names, 'a.example.com']}), seen, {} as never).action,
    'update',
  );
  t.is(
    certificateIssue.preview(changeOf({server: 'https://other.example/dir'}), seen, {} as never).action,
    'update',
  );
  t.is((await certificateIssue.revert(system, change, before, after, context)).kind, 'reverted');
  t.deepEqual(tree(), was);
  t.is((await certificateIssue.revert(system, change, before, after, context)).kind, 'reverted');
  t.deepEqual(tree(), was);
});

test('an order that was cut short is taken back, and renewals since go with the certificate', async t => {
  for (const isDone of [true, false]) {
    const {system, issue, tree} = machine();
    const was = tree();
    const change = changeOf();
    const before = await certificateIssue.capture(system, change, context);
    const after = await certificateIssue.apply(system, change, before, context);
    if (isDone) {
      issue(order, 'ours');
    }

    await certificateIssue.revert(system, change, before, isDone ? after : undefined, context);
    t.deepEqual(tree(), was, String(isDone));
  }
});

test('certificates of others, and what they renew by, are as they were', async t => {
  const {system, issue, tree} = machine();
  issue({lineage: 'www.example.com', names: ['www.example.com'], server: order.server}, 'ours');
  const change = changeOf();
  const was = tree();
  const before = await certificateIssue.capture(system, change, context);
  const after = await certificateIssue.apply(system, change, before, context);
  issue({lineage: 'www.example.com', names: ['www.example.com'], server: order.server}, 'ours');
  await certificateIssue.revert(system, change, before, after, context);
  const left = tree().map(line => line.split(' ')[0]);
  t.deepEqual(
    left.filter(path => !was.some(line => line.startsWith(path ?? ''))),
    [
      '/etc/letsencrypt/archive/www.example.com/fullchain2.pem',
      '/etc/letsencrypt/archive/www.example.com/privkey2.pem',
      '/etc/letsencrypt/csr/0002_csr-certbot.pem',
      '/etc/letsencrypt/keys/0002_key-certbot.pem',
    ],
  );
  t.true(left.includes('/etc/letsencrypt/accounts/acme.example.com/dir/ours/private_key.json'));
});

test('other names under the same certificate go back to the ones that were served', async t => {
  const {system, issue, tree} = machine();
  issue({...order, names: ['mail.example.com']}, 'theirs');
  const was = tree();
  const change = changeOf();
  const before = await certificateIssue.capture(system, change, context);
  const after = await certificateIssue.apply(system, change, before, context);
  t.notDeepEqual(tree(), was);
  t.is((await certificateIssue.revert(system, change, before, after, context)).kind, 'reverted');
  t.deepEqual(tree(), was);
});

test('a certificate that others use by now, or renew another way, stays and is named', async t => {
  for (const [path, text] of [
    ['/etc/nginx/site.conf', 'ssl_certificate /etc/letsencrypt/live/mail.example.com/fullchain.pem;\n'],
    ['/usr/local/etc/haproxy.cfg', 'crt /etc/letsencrypt/live/mail.example.com/fullchain.pem\n'],
    ['/opt/gate/etc/tls/gate.conf', 'cert=/etc/letsencrypt/live/mail.example.com/fullchain.pem\n'],
    [
      '/etc/letsencrypt/renewal-hooks/deploy/copy',
      'cp /etc/letsencrypt/live/mail.example.com/privkey.pem /srv\n',
    ],
    ['/etc/letsencrypt/renewal/mail.example.com.conf', 'authenticator = dns-route53\n'],
    [
      '/etc/letsencrypt/renewal/mail.example.com.conf',
      'authenticator = standalone\nrenew_hook = /srv/copy-it\n',
    ],
  ] as const) {
    const {system, put, tree} = machine();
    const change = changeOf();
    const before = await certificateIssue.capture(system, change, context);
    const after = await certificateIssue.apply(system, change, before, context);
    put(path, text);
    const now = tree();
    const result = await certificateIssue.revert(system, change, before, after, context);
    t.is(result.kind, 'conflict');
    t.true(result.kind === 'conflict' && result.finding.summary.en.includes(path));
    t.deepEqual(tree(), now);
  }
});

test('a link to it is a use of it; files of others, and links elsewhere, are none', async t => {
  for (const [target, kind] of [
    ['../../letsencrypt/live/mail.example.com/fullchain.pem', 'conflict'],
    ['/etc/letsencrypt/live/mail.example.com', 'conflict'],
    ['/etc/letsencrypt/live/mail.example.com.old/fullchain.pem', 'reverted'],
  ] as const) {
    const {system, put, at} = machine();
    put('/etc/nginx/tls/other.conf', '# /etc/letsencrypt/live/www.example.com/fullchain.pem\n');
    const change = changeOf();
    const before = await certificateIssue.capture(system, change, context);
    const after = await certificateIssue.apply(system, change, before, context);
    symlinkSync(target, at('/etc/nginx/tls/cert.pem'));
    t.is((await certificateIssue.revert(system, change, before, after, context)).kind, kind, target);
  }
});
