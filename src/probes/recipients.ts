import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** How many addresses that the list does not have are looked up one by one. */
const patience = 20;

/**
 * Every address that Postfix takes mail for has an account behind it. One without is accepted and then refused by Dovecot, so
 * that its mail bounces, often to a forged sender. Tables that can be listed are read as Postfix has them (`postmap -s`).
 */
export const recipientsKnown: ProbeHandler<'recipients-known'> = async (probe, context) => {
  const {host} = context;
  const tables = (await settings(context, 'virtual_mailbox_maps')).filter(item =>
    /^(?:hash|lmdb|cdb|btree|dbm):\//.test(item),
  );
  const [transport = ''] = await settings(context, 'virtual_transport');
  if (tables.length === 0 || !/^(?:lmtp:|dovecot)/.test(transport)) {
    return [];
  }

  const values = {tables: tables.join(', ')};
  const taken = new Set<string>();
  for (const table of tables) {
    const {exitCode, stdout, stderr} = await host.run('/usr/sbin/postmap', ['-s', table], {limit});
    if (exitCode !== 0) {
      const evidence = stderr.trim().split('\n').slice(-1);
      return [unchecked(probe, {summary: texts.unread, values, remedy: texts.unreadRemedy, evidence})];
    }

    for (const line of stdout.split('\n')) {
      const [key = ''] = line.split('\t');
      if (/^[^@\s]+@[^@\s]+$/.test(key)) {
        taken.add(key.toLowerCase());
      }
    }
  }

  const {stdout} = await host.run('/usr/bin/doveadm', ['user', '*'], {limit});
  const listed = new Set(stdout.toLowerCase().split('\n'));
  const strangers = [...taken].filter(address => !listed.has(address));
  const homeless: string[] = [];
  for (const address of strangers.slice(0, patience)) {
    if (!(await hasMailbox(context, address))) {
      homeless.push(address);
    }
  }

  return [
    homeless.length > 0
      ? fail(probe, {
          summary: texts.homeless,
          values: {...values, names: homeless.join(', ')},
          remedy: texts.homelessRemedy,
        })
      : strangers.length > patience
        ? unchecked(probe, {
            summary: texts.many,
            values: {...values, count: strangers.length},
            remedy: texts.unreadRemedy,
          })
        : pass(probe, {summary: texts.good, values: {...values, count: taken.size}}),
  ];
};

const limit = 64 * 1024 * 1024;

const settings = async ({host}: ProbeContext, key: string) =>
  (await host.run('/usr/sbin/postconf', ['-hx', key])).stdout.split(/[\s,]+/).filter(item => item !== '');

// The list may lack those of a directory, or write them without their domain; an alias of the same name never gets to a mailbox.
const hasMailbox = async (context: ProbeContext, address: string) => {
  const {host} = context;
  const {exitCode} = await host.run('/usr/bin/doveadm', ['user', '--', address]);
  if (exitCode === 0) {
    return true;
  }

  for (const table of await settings(context, 'virtual_alias_maps')) {
    const {exitCode: unknown} = await host.run('/usr/sbin/postmap', ['-q', address, table]);
    if (unknown === 0) {
      return true;
    }
  }

  return false;
};

const texts = {
  good: {
    en: 'All {count} addresses of {tables} have an account.',
    ja: '{tables} の {count} 件のアドレスすべてにアカウントがあります。',
  },
  homeless: {
    en: 'Postfix takes mail for {names}, but Dovecot has no such account: that mail bounces.',
    ja: 'Postfix は {names} 宛のメールを受け取りますが、Dovecot にそのアカウントがなく、差出人に戻されます。',
  },
  homelessRemedy: {
    en: 'Add the account (“dovetail users add”), or take the address out of {tables}.',
    ja: 'アカウントを追加する (「dovetail users add」) か、{tables} からアドレスを削除してください。',
  },
  unread: {
    en: 'Whether every address of {tables} has an account: not checked.',
    ja: '{tables} のアドレスにアカウントがあるか: 未確認。',
  },
  many: {
    en: '{count} addresses of {tables} are not in Dovecot’s list of accounts; whether each has one was not checked.',
    ja: '{tables} の {count} 件のアドレスが Dovecot の一覧になく、アカウントの有無は未確認です。',
  },
  unreadRemedy: {
    en: 'Compare “postmap -s” of the table with “doveadm user ADDRESS”.',
    ja: '「postmap -s」の結果を「doveadm user アドレス」と照合してください。',
  },
} satisfies Record<string, Text>;
