import test from 'ava';
import {resourceChanges} from '../../src/planner/resources.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {allWants} from '../helpers/sections.js';

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
    change.kind === 'rows.edit' && change.format === 'settings'
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
