import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {importSource} from '../../src/planner/dialects/settings.js';
import type {Facts} from '../../src/core/facts.js';
import {storesIn} from '../../src/detect/stores.js';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {contextOf} from '../../src/planner/wants.js';
import {realFiles} from '../../src/system/files.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform, debian13Platform} from '../helpers/facts.js';
import {answersOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const configured = (location: string, userdb = 'args = uid=vmail gid=vmail home=/var/vmail/%d/%n') =>
  debian12Facts({
    files: {
      '/etc/dovecot/dovecot.conf': `mail_location = ${location}\npassdb {\n  driver = passwd-file\n  args = /u\n}\nuserdb {\n  driver = static\n  ${userdb}\n}\n`,
    },
    configured: {dovecot: true, postfix: true},
  });
const locationOf = (storage: Readonly<Record<string, unknown>>, auth = ['passwd-file']) =>
  wantsOf('storage', {answers: completeAnswers({auth: {backends: auth}, storage})}).flatMap(want =>
    want.kind === 'setting' && want.in === 'dovecot'
      ? renderDovecot(want, '2.3').flatMap(edit => (edit.op === 'set' ? [`${edit.key} = ${edit.value}`] : []))
      : [],
  );
const noted = (facts: Facts, storage: Readonly<Record<string, unknown>>) => {
  const step = stepOf('storage');
  const all = answersOf({answers: completeAnswers({storage}), facts});
  return step.notes?.(contextOf({steps, answers: all, facts, platform: debian12Platform}, step, {}));
};

test('each format has its place below the home, mbox its inbox apart', t => {
  t.deepEqual(locationOf({}), ['mail_location = maildir:~/mail', 'mail_privileged_group = ']);
  t.deepEqual(locationOf({format: 'mdbox', path: '~/mdbox'})[0], 'mail_location = mdbox:~/mdbox');
  t.deepEqual(locationOf({format: 'mbox'}), [
    'mail_location = mbox:~/mail:INBOX=~/mail/inbox',
    'mail_privileged_group = ',
  ]);
  t.deepEqual(locationOf({format: 'mbox'}, ['pam']), [
    'mail_location = mbox:~/mail:INBOX=/var/mail/%u',
    'mail_privileged_group = mail',
  ]);
});

test('all formats are adopted from where they are', t => {
  const adopted = (location: string) => stepOf('storage').adopt(configured(location), debian12Platform);
  t.deepEqual(adopted('sdbox:~/sdbox'), {format: 'sdbox', path: '~/sdbox'});
  t.deepEqual(adopted('mbox:~/mail:INBOX=~/mail/inbox'), {format: 'mbox', path: '~/mail'});
  t.deepEqual(adopted('mbox:~/mail:INBOX=/srv/spool/%u'), {});
  t.deepEqual(adopted('maildir:/srv/mail/%d/%n'), {});
});

test('with 2.4 the inbox of a Maildir is in the folder itself, as with every other program', t => {
  const store = {format: 'maildir', path: '~/mail'} as const;
  const edits = renderDovecot(
    {kind: 'setting', in: 'dovecot', at: 'mail.store', op: 'set', value: store},
    '2.4',
  );
  t.deepEqual(
    edits.flatMap(edit => (edit.op === 'set' && edit.key === 'mail_inbox_path' ? [edit.value] : [])),
    ['~/mail'],
  );
  const adopted = (inbox: string) =>
    stepOf('storage').adopt(
      debian12Facts({
        dovecot: {version: '2.4.1', dialect: '2.4', root: '/etc/dovecot/dovecot.conf'},
        files: {
          '/etc/dovecot/dovecot.conf': `mail_driver = maildir\nmail_path = ~/mail\n${inbox}\npassdb passwd-file {\n}\nuserdb static {\n  fields {\n    uid = vmail\n    home = /var/vmail/%{user | domain}/%{user | username}\n  }\n}\n`,
        },
      }),
      debian13Platform,
    );
  t.deepEqual(adopted('mail_inbox_path = ~/mail'), {format: 'maildir', path: '~/mail'});
  // Where it is below, it stays there: to say otherwise would hide the mail in it.
  t.deepEqual(adopted('mail_inbox_path ='), {});
  t.deepEqual(adopted(''), {});
});

test('two formats are never in one folder', t => {
  const facts = configured('maildir:~/mail');
  const answers = completeAnswers({storage: {format: 'sdbox', path: '~/mail'}});
  t.regex(
    refusal('storage', 'format', 'sdbox', {facts, answers}) ?? '',
    /~\/mail holds mail as maildir.*~\/sdbox/,
  );
  t.truthy(refusal('storage', 'path', '~/mail', {facts, answers}));
  t.is(refusal('storage', 'path', '~/sdbox', {facts, answers}), undefined);
  t.is(refusal('storage', 'format', 'maildir', {facts, answers: completeAnswers()}), undefined);
});

test('a change says where mail stays and how it is taken over; without one nothing is said', t => {
  const facts = configured('maildir:~/mail');
  const [note] = noted(facts, {format: 'sdbox', path: '~/sdbox'}) ?? [];
  t.is(note?.id, 'storage:change');
  t.regex(note?.remedy?.en ?? '', /doveadm import -s -u USER maildir:~\/mail "" all/);
  t.deepEqual(noted(facts, {format: 'maildir', path: '~/mail'}), []);
});

test('a store is named as doveadm of each version takes it, its inbox in particular', t => {
  t.is(importSource({format: 'maildir', path: '~/mail'}, '2.3'), 'maildir:~/mail');
  t.is(
    importSource({format: 'mbox', path: '~/mail', inbox: '/var/mail/{user}'}, '2.3'),
    'mbox:~/mail:INBOX=/var/mail/%u',
  );
  t.is(
    importSource({format: 'maildir', path: '~/mail'}, '2.4'),
    "-p 'mail_inbox_path=~/mail' maildir:~/mail",
  );
  t.is(importSource({format: 'mdbox', path: '~/mdbox'}, '2.4'), "-p 'mail_inbox_path=' mdbox:~/mdbox");
  t.is(
    importSource({format: 'mbox', path: '~/mail', inbox: '~/mail/inbox'}, '2.4'),
    "-p 'mail_inbox_path=~/mail/inbox' mbox:~/mail",
  );
});

test('mail of another format that lies about is found and named', t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  const home = (name: string, ...folders: readonly string[]) =>
    folders.map(folder => mkdirSync(join(root, 'vmail/example.com', name, folder), {recursive: true}));
  home('anna', 'mail/cur', 'mail/new', 'mail/tmp');
  home('ben', 'sdbox/mailboxes/INBOX');
  home('cleo', 'mdbox/mailboxes', 'mdbox/storage');
  home('dora', 'mail');
  home('eve', 'sieve');
  writeFileSync(join(root, 'vmail/example.com/dora/mail/inbox'), 'From x\n');
  const stores = storesIn({files: realFiles(root)}, '/vmail');
  t.deepEqual(
    stores.map(({path, format}) => `${format} ${path}`),
    [
      'maildir /vmail/example.com/anna/mail',
      'sdbox /vmail/example.com/ben/sdbox',
      'mdbox /vmail/example.com/cleo/mdbox',
      'mbox /vmail/example.com/dora/mail',
    ],
  );
  t.like(noted(debian12Facts({stores}), {}), [{id: 'storage:found'}]);
  t.deepEqual(noted(debian12Facts({stores: stores.slice(0, 1)}), {}), []);
});
