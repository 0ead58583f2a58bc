import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {adoptAll, onTop} from '../../src/engine/adopt.js';
import {settled} from '../../src/engine/fresh-start.js';
import {compile} from '../../src/planner/compile.js';
import {type Fresh, factsAfresh} from '../../src/planner/fresh.js';
import {collectWants} from '../../src/planner/wants.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Platform} from '../helpers/facts.js';
import {bytesAt, type Image, openDisk} from '../helpers/disk.js';
import {applyWants, contentsOf, factsOn, stockImage, undoAll, undoSection} from '../helpers/law.js';
import {differing} from '../helpers/oracle.js';
import {allWants} from '../helpers/sections.js';
import {type Stock, stocks} from '../helpers/stock.js';

const users = 'anna@example.com:{BLF-CRYPT}$2y$05$abc::::::\n';
const answers = completeAnswers({sieve: {filter: true}});
// A file that nothing closes, one with a line that is none, one that is gone, and one that somebody put beside them.
const mangled: Readonly<Record<string, string | undefined>> = {
  '/etc/dovecot/dovecot.conf':
    '!include conf.d/*.conf\n!include_try local.conf\nservice imap-login {\n  what\n',
  '/etc/dovecot/conf.d/10-mail.conf': 'mail_max_userip_connections = 99\nmail_location\n',
  '/etc/dovecot/conf.d/20-imap.conf': undefined,
  '/etc/dovecot/conf.d/98-old.conf': 'doveadm_password = hunter2\n}\n',
  '/etc/dovecot/local.conf': 'protocols = none\n',
  '/etc/dovecot/conf.d/notes.txt': 'ask Kim\n',
  '/etc/dovecot/users': users,
};

const mangle = (image: Image): Image => {
  const disk = openDisk(image);
  for (const [path, text] of Object.entries(mangled)) {
    if (disk.files.lstat(path) !== undefined) {
      disk.files.unlink(path);
    }

    if (text !== undefined) {
      disk.files.create(path, Buffer.from(text, 'latin1'), 0o644);
    }
  }

  return disk.image();
};

const packaged = ({files}: Facts) =>
  Object.fromEntries(
    Object.entries(files).filter(([path]) => path.startsWith('/etc/dovecot/') && !path.endsWith('/README')),
  );

const read = (image: Image, path: string) => bytesAt(image, path)?.toString('latin1');

/** What starting again comes to on a disk. */
const freshOn = (stock: Stock, image: Image): {readonly fresh: Fresh; readonly facts: Facts} => {
  const facts = factsOn(stock, image);
  const fresh = {stock: packaged(stock.facts), present: facts.files, folders: []};
  return {fresh, facts: factsAfresh(facts, fresh)};
};

const isFull = process.env['DOVETAIL_FULL'] === '1';
for (const stock of stocks().there.filter(
  ({name, facts: {files}}) =>
    (isFull || /^own-|bookworm|trixie/.test(name)) && files['/etc/dovecot/conf.d/20-imap.conf'] !== undefined,
)) {
  const bare = stockImage(stock);
  const broken = mangle(bare);
  const wantsOn = (facts: Facts, ...sections: readonly string[]) =>
    allWants({answers, facts, platform: stock.platform}).filter(
      ({section}) => sections.length === 0 || sections.includes(section),
    );
  const start = (image: Image, ...sections: readonly string[]) => {
    const {fresh, facts} = freshOn(stock, image);
    return applyWants(stock, image, wantsOn(facts, ...sections), facts, fresh);
  };

  test(`${stock.name}: what starts again comes to what a first set-up comes to, with the accounts that were there`, async t => {
    const withUsers = openDisk(bare);
    withUsers.files.create('/etc/dovecot/users', Buffer.from(users), 0o644);
    withUsers.files.create('/etc/dovecot/conf.d/notes.txt', Buffer.from('ask Kim\n'), 0o644);
    const first = withUsers.image();
    const facts = factsOn(stock, first);
    const wanted = await applyWants(stock, first, wantsOn(facts), facts);
    const {image, id, findings} = await start(broken);
    t.deepEqual(differing(contentsOf(wanted.image), contentsOf(image)), []);
    t.is(read(image, '/etc/dovecot/users')?.includes(users), true);
    t.is(read(image, '/etc/dovecot/conf.d/98-old.conf'), undefined);
    const lost = findings.find(entry => entry.id === 'packages:not-carried')?.summary.en ?? '';
    t.regex(lost, /mail_max_userip_connections.*doveadm_password|doveadm_password/);
    t.notRegex(JSON.stringify(findings), /hunter2/);
    t.deepEqual(differing(contentsOf(broken), contentsOf(await undoAll(image, id))), []);
  });

  test(`${stock.name}: asked for once more, it has nothing to do`, async t => {
    const {image} = await start(broken);
    const {fresh, facts} = freshOn(stock, image);
    const put = (text: string) => text;
    const {changes, findings} = compile({
      wants: wantsOn(facts),
      facts,
      platform: stock.platform,
      put,
      fresh,
    });
    t.deepEqual(
      changes
        .filter(({kind}) => kind === 'config.edit' || kind === 'file.delete')
        .map(({id}) => id)
        .filter(id => id.includes('/etc/dovecot')),
      [],
    );
    t.deepEqual(
      findings.filter(({id}) => id === 'packages:not-carried'),
      [],
    );
  });

  test(`${stock.name}: a section of it goes back as if it had not been asked for, and the fresh files stay`, async t => {
    const sections = ['storage', 'auth', 'auth-passwdfile', 'mailboxes', 'protocols', 'lmtp'];
    const all = await start(broken, ...sections);
    for (const goes of ['mailboxes', 'protocols', 'storage']) {
      const wanted = await start(broken, ...sections.filter(name => name !== goes));
      const {image} = await undoSection(stock, all, goes);
      t.deepEqual(differing(contentsOf(wanted.image), contentsOf(image)), [], goes);
    }
  });

  test(`${stock.name}: a server that asks a directory and a database starts again with the passwords in their files`, async t => {
    const asks = completeAnswers({
      auth: {backends: ['ldap', 'sql']},
      'auth-ldap': {
        servers: ['ldaps://ldap.example.com'],
        ca: '/etc/ssl/certs/ca.pem',
        base: 'ou=people,dc=example,dc=com',
        bind_dn: 'cn=mail,dc=example,dc=com',
        bind_password: {held: 'b'},
      },
      'auth-sql': {
        engine: 'mysql',
        host: 'db.example.com',
        ca: '/etc/ssl/certs/ca.pem',
        database: 'mail',
        user: 'dovecot',
        password: {held: 'd'},
        sample: '',
      },
    });
    const {platform} = stock;
    const set = await applyWants(
      stock,
      bare,
      allWants({answers: asks, facts: stock.facts, platform}),
      stock.facts,
    );
    const disk = openDisk(set.image);
    disk.files.create('/etc/dovecot/conf.d/98-old.conf', Buffer.from('junk\n'), 0o644);
    const there = disk.image();
    const facts = {...factsOn(stock, there), configured: {dovecot: true, postfix: true}};
    const base = adoptAll(steps, facts, platform);
    const {answers: own, problems} = settled(
      steps,
      // What stands in main.cf is not read anew by these facts.
      onTop(base, {packages: {fresh_dovecot: true}, role: asks['role'] ?? {}}),
      {facts, platform: debian12Platform},
      {named: [], leftOut: []},
    );
    t.deepEqual(
      problems.map(({id}) => id),
      [],
    );
    const {fresh, facts: anew} = freshOn(stock, there);
    const wants = collectWants({steps, answers: own, facts: anew, platform}, {}).filter(
      ({want}) => 'in' in want && want.in === 'dovecot',
    );
    const {image} = await applyWants(stock, there, wants, anew, fresh);
    t.deepEqual(
      differing(contentsOf(set.image), contentsOf(image)).filter(line => line.includes('/etc/dovecot')),
      [],
    );
  });
}
