import type {Finding} from '../../core/finding.js';
import type {Text} from '../../core/text.js';
import {fail, pass, unchecked} from '../result.js';
import {answerTimeout, type ProbeContext, type ProbeHandler} from '../types.js';
import {askDirectory} from './check.js';

type Directory = Parameters<ProbeHandler<'directory'>>[0];

/** The directory answers the servers themselves: Dovecot lists people, and Postfix finds who is there and nobody else. */
export const directory: ProbeHandler<'directory'> = async (probe, context) => [
  await listed(probe, context),
  ...(await known(probe, context)),
];

const listed = async (probe: Directory, context: ProbeContext): Promise<Finding> => {
  if (!probe.listed) {
    // Nobody to ask as: only that it is the right server can be seen from here.
    const [finding] = await askDirectory({...check(probe), stage: 'tls'}, context);
    return finding === undefined
      ? unchecked(probe, {summary: texts.silent, remedy: texts.remedy})
      : {...finding, id: `${probe.id}:answers`, section: probe.section};
  }

  const {exitCode, stdout, stderr} = await context.host.run('/usr/bin/doveadm', ['user', '*'], {
    timeout: answerTimeout,
    limit: 64 * 1024 * 1024,
  });
  const people = stdout.split('\n').filter(line => line.includes('@')).length;
  if (exitCode === 0 && people > 0) {
    return pass(probe, {summary: texts.listed, values: {count: people}});
  }

  const why = (await askDirectory({...check(probe), stage: 'base'}, context)).find(
    ({severity}) => severity === 'fail',
  );
  return fail(probe, {
    summary: texts.silent,
    ...(why === undefined ? {} : {cause: why.summary}),
    remedy: why?.remedy ?? texts.remedy,
    evidence: stderr.trim().split('\n').slice(-2),
  });
};

const check = ({section, server, filter}: Directory) => ({kind: 'ldap', section, server, filter}) as const;

// A name that would be more than a name to a filter finds nobody.
const hostile = '*)(mail=*';

const known = async (probe: Directory, {host}: ProbeContext): Promise<readonly Finding[]> => {
  const {stdout} = await host.run('/usr/sbin/postconf', ['-hx', 'virtual_mailbox_maps']);
  const table = stdout.split(/[\s,]+/).find(item => /^proxy:ldap:/.test(item));
  if (table === undefined) {
    return [];
  }

  const values = {table, person: probe.person ?? ''};
  const asked = probe.person === undefined ? [] : [probe.person];
  for (const [address, there] of [
    ...asked.map(person => [person, true] as const),
    ...asked.map(person => [`${hostile}@${person.slice(person.indexOf('@') + 1)}`, false] as const),
  ]) {
    const {
      exitCode,
      stdout: answer,
      stderr,
    } = await host.run('/usr/sbin/postmap', ['-q', address, table], {
      timeout: answerTimeout,
    });
    if ((exitCode === 0 && answer.trim() !== '') !== there) {
      return [
        fail(probe, {
          summary: there ? texts.unknown : texts.open,
          values,
          remedy: texts.tableRemedy,
          evidence: stderr.trim().split('\n').slice(-2),
        }),
      ];
    }
  }

  return asked.length === 0
    ? [unchecked(probe, {summary: texts.nobodyNamed, values, remedy: texts.nobodyNamedRemedy})]
    : [pass(probe, {summary: texts.known, values})];
};

const texts = {
  listed: {
    en: 'Dovecot finds {count} addresses in the directory.',
    ja: 'Dovecot はディレクトリーに {count} 件のアドレスを見つけました。',
  },
  silent: {
    en: 'Dovecot finds nobody in the directory.',
    ja: 'Dovecot はディレクトリーで誰も見つけられません。',
  },
  remedy: {
    en: 'Look at “journalctl -u dovecot” for lines with “ldap”, then at “dovetail auth-ldap”.',
    ja: '「journalctl -u dovecot」の「ldap」を含む行と、「dovetail auth-ldap」を確認してください。',
  },
  tableRemedy: {
    en: 'Look at “journalctl -u {postfixUnit}” for lines with “dict_ldap”, then at “dovetail auth-ldap”.',
    ja: '「journalctl -u {postfixUnit}」の「dict_ldap」を含む行と、「dovetail auth-ldap」を確認してください。',
  },
  known: {
    en: 'Postfix finds {person} in the directory, and nobody by a name that is none.',
    ja: 'Postfix はディレクトリーで {person} を見つけ、不正な名前では誰も見つけません。',
  },
  unknown: {
    en: 'Postfix does not find {person} by {table}: that mail would be refused.',
    ja: 'Postfix が {table} で {person} を見つけられず、その宛先のメールは拒否されます。',
  },
  open: {
    en: '{table} answers to names that are none: whatever is written to it would be taken.',
    ja: '{table} が不正な名前にも応答し、どの宛先でも受け取ってしまいます。',
  },
  nobodyNamed: {
    en: 'Whether Postfix finds people by {table}.',
    ja: 'Postfix が {table} で人を見つけられるかどうか。',
  },
  nobodyNamedRemedy: {
    en: 'Name somebody in “dovetail auth-ldap” (sample), or run “postmap -q ADDRESS TABLE”.',
    ja: '「dovetail auth-ldap」の sample に誰かを指定するか、「postmap -q アドレス 表」を実行してください。',
  },
} satisfies Record<string, Text>;
