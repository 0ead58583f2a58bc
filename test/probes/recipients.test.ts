import test from 'ava';
import {recipientsKnown} from '../../src/probes/recipients.js';
import type {ProbeContext} from '../../src/probes/types.js';

type Answers = Readonly<Record<string, string | undefined>>;

/** What the probe says on a machine where these commands print something; any other fails. */
const asked = async (answers: Answers) => {
  const run = async (program: string, args: readonly string[]) => {
    const said = answers[`${program.split('/').at(-1)} ${args.join(' ')}`];
    return {exitCode: said === undefined ? 1 : 0, stdout: said ?? '', stderr: ''};
  };
  const context = {host: {run}} as unknown as ProbeContext;
  const probe = {id: 'known', section: 'delivery', kind: 'recipients-known'} as const;
  return (await recipientsKnown(probe, context)).map(({severity, summary}) => `${severity} ${summary.en}`);
};

const server = {
  'postconf -hx virtual_mailbox_maps': 'hash:/etc/postfix/vmailbox, ldap:/etc/postfix/ldap.cf\n',
  'postconf -hx virtual_transport': 'lmtp:unix:private/dovecot-lmtp\n',
  'postconf -hx virtual_alias_maps': 'hash:/etc/postfix/virtual\n',
  'postmap -s hash:/etc/postfix/vmailbox':
    'anna@example.test\tanna@example.test\nBerta@example.test\tx\n@example.test\tanna@example.test\n',
};

test('each address that is taken has an account, whatever its case', async t => {
  t.deepEqual(await asked({...server, 'doveadm user *': 'anna@example.test\nberta@example.test\n'}), [
    'pass All 2 addresses of hash:/etc/postfix/vmailbox have an account.',
  ]);
});

test('one without is named', async t => {
  const [said] = await asked({...server, 'doveadm user *': 'anna@example.test\n'});
  t.regex(said ?? '', /^fail Postfix takes mail for berta@example\.test, but/);
});

test('who is not in the list is looked up, and an alias needs no account', async t => {
  const list = {...server, 'doveadm user *': 'anna@example.test\n'};
  t.regex((await asked({...list, 'doveadm user -- berta@example.test': 'uid 5000\n'}))[0] ?? '', /^pass/);
  t.regex(
    (
      await asked({...list, 'postmap -q berta@example.test hash:/etc/postfix/virtual': 'anna@example.test\n'})
    )[0] ?? '',
    /^pass/,
  );
});

test('what cannot be read is not called good', async t => {
  const {'postmap -s hash:/etc/postfix/vmailbox': _table, ...rest} = server;
  t.regex((await asked({...rest, 'doveadm user *': ''}))[0] ?? '', /^unchecked/);
  const strangers = Array.from({length: 30}, (_, at) => `u${at}@example.test\tx\n`).join('');
  const many = await asked({
    ...server,
    'postmap -s hash:/etc/postfix/vmailbox': strangers,
    ...Object.fromEntries(
      Array.from({length: 20}, (_, at) => [`doveadm user -- u${at}@example.test`, 'uid\n']),
    ),
  });
  t.regex(many[0] ?? '', /^unchecked 30 addresses/);
});

test('where Postfix itself puts mail into mailboxes there is nothing to compare', async t => {
  t.deepEqual(await asked({...server, 'postconf -hx virtual_transport': 'virtual\n'}), []);
});
