import test from 'ava';
import {compile} from '../../src/planner/compile.js';
import {contradictions} from '../../src/planner/owners.js';
import {resourceChanges} from '../../src/planner/resources.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {allWants} from '../helpers/sections.js';
import {steps} from '../../steps/index.js';

const ldap = '/etc/dovecot/dovecot-ldap.conf.ext';
const sql = '/etc/dovecot/dovecot-sql.conf.ext';
const server = (driver: string, file: string, text: string) =>
  debian12Facts({
    files: {
      '/etc/dovecot/dovecot.conf': `passdb {\n  driver = ${driver}\n  args = ${file}\n}\n`,
      [ldap]: '# nothing\n',
      [sql]: '# nothing\n',
      ...(text === '' ? {} : {[file]: text}),
    },
    configured: {dovecot: true, postfix: true},
  });
const left = (facts: ReturnType<typeof debian12Facts>, backends: readonly string[]) =>
  resourceChanges({
    wants: allWants({answers: completeAnswers({auth: {backends}}), facts}),
    facts,
    platform: debian12Platform,
  }).flatMap(change =>
    change.kind === 'rows.edit' && change.format === 'ext'
      ? change.rows.map(({key, state}) => `${change.path} ${key} ${state}`)
      : [],
  );

test('a directory that is not asked any more leaves no password behind; nothing else of its file changes', t => {
  const facts = server('ldap', ldap, 'hosts = a\ndn = cn=reader\ndnpass = secret\n');
  t.deepEqual(left(facts, ['passwd-file']), [`${ldap} dnpass absent`]);
});

test('nor does a database', t => {
  const facts = server('sql', sql, 'driver = mysql\nconnect = host=a user=b password=secret\n');
  t.deepEqual(left(facts, ['passwd-file']), [`${sql} connect absent`]);
});

test('a file that Dovecot does not ask by is left alone, also one of another name, and none is made', t => {
  t.deepEqual(left(server('pam', '/x', ''), ['passwd-file']), []);
  t.deepEqual(left(server('ldap', '/etc/dovecot/own.conf.ext', 'dnpass = secret\n'), ['passwd-file']), []);
  t.deepEqual(left(server('ldap', ldap, 'hosts = a\n'), ['passwd-file']), []);
  const unused = {
    ...server('pam', '/x', '').files,
    [sql]: 'connect = password=theirs\n',
    [ldap]: 'dnpass = x\n',
  };
  t.deepEqual(
    left(debian12Facts({files: unused, configured: {dovecot: true, postfix: true}}), ['passwd-file']),
    [],
  );
});

const table = '/etc/postfix/sql-accounts.cf';
const maps = `proxy:mysql:${table}, hash:/etc/postfix/others`;
const mainText = (more = '') =>
  `# ${table} was here\nvirtual_mailbox_maps = ${maps}\nsmtpd_sender_login_maps = ${maps}\n${more}`;
const gateway = (main: string, over: {files?: Record<string, string>; maps?: string} = {}) => {
  const facts = debian12Facts();
  const {postfix} = facts;
  if (postfix === undefined) {
    throw new Error('no Postfix in the facts');
  }

  const asked = over.maps ?? maps;
  return {
    ...facts,
    postfix: {
      ...postfix,
      settings: {...postfix.settings, virtual_mailbox_maps: asked, smtpd_sender_login_maps: asked},
    },
    files: {...facts.files, '/etc/postfix/main.cf': main, [table]: 'password = secret\n', ...over.files},
  };
};
const compiled = (
  facts: ReturnType<typeof gateway>,
  backends: readonly string[],
  sections?: readonly string[],
) => {
  const {changes, findings} = compile({
    wants: allWants({answers: completeAnswers({auth: {backends}}), facts}).filter(
      ({section}) => sections?.includes(section) !== false,
    ),
    facts,
    platform: debian12Platform,
    put: () => 'digest',
  });
  return {
    gone: changes.flatMap(change => (change.kind === 'file.delete' ? [change.path] : [])),
    order: changes.map(({kind, id}) => (kind === 'config.edit' ? id : kind)),
    said: findings.filter(({id}) => id === `kept:${table}`).map(({severity}) => severity),
  };
};

test('the table by which Postfix asked a database goes with its password, once main.cf does not name it any more', t => {
  const facts = gateway(mainText());
  const {gone, said, order} = compiled(facts, ['passwd-file']);
  // Only the owner may take a thing away.
  t.deepEqual(
    contradictions(allWants({answers: completeAnswers({auth: {backends: ['passwd-file']}}), facts}), steps),
    [],
  );
  t.deepEqual(gone, [table]);
  t.deepEqual(said, []);
  t.true(order.indexOf('file.delete') > order.findLastIndex(id => id.startsWith('config.edit')));
});

test('it stays, and that is said, while anything of Postfix still names it', t => {
  for (const facts of [
    gateway(mainText('relay_recipient_maps =\n  mysql:$config_directory/sql-accounts.cf\n')),
    gateway(mainText(), {
      files: {'/etc/postfix/master.cf': `smtp inet n - y - - smtpd\n  -o check=mysql:${table}\n`},
    }),
  ]) {
    const {gone, said} = compiled(facts, ['passwd-file']);
    t.deepEqual(gone, []);
    t.deepEqual(said, ['warning']);
  }

  // Only the recipients are planned: who may send as whom is still looked up in it.
  const {gone, said} = compiled(gateway(mainText()), ['passwd-file'], ['delivery']);
  t.deepEqual(gone, []);
  t.deepEqual(said, ['warning']);
});

test('a table that is still asked, or that Postfix was never told of, is left alone', t => {
  t.deepEqual(compiled(gateway(mainText()), ['sql']).gone, []);
  const {gone, said} = compiled(gateway('', {maps: 'hash:/etc/postfix/others'}), ['passwd-file']);
  t.deepEqual([gone, said], [[], []]);
});
