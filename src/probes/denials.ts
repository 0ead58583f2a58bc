import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** SELinux has denied the mail server nothing since the changes were made; in permissive mode it says what it would have denied. */
export const selinuxDenials: ProbeHandler<'selinux-denials'> = async (probe, {host, since}) => {
  const log = await auditLog(host, since);
  if (log === undefined) {
    return [unchecked(probe, {summary: texts.unread, remedy: texts.remedy})];
  }

  const denied = denialsOf(log, Date.parse(since) / 1000);
  return [
    denied.length === 0
      ? pass(probe, {summary: texts.none})
      : fail(probe, {
          summary: texts.some,
          values: {count: denied.length},
          remedy: texts.remedy,
          evidence: denied.slice(0, 5),
        }),
  ];
};

/**
 * Denials of the audit log from a moment on (seconds since the epoch) that are about mail: by the domain that was refused, or
 * by the label of what it wanted. One line of evidence for each kind of denial.
 */
export const denialsOf = (log: string, since: number): readonly string[] => [
  ...new Set(
    log.split('\n').flatMap(line => {
      const match =
        /audit\((\d+(?:\.\d+)?):\d+\): avc:\s+denied\s+\{ ([^}]+) \}.*? scontext=(\S+) tcontext=(\S+) tclass=(\S+)/.exec(
          line,
        );
      const [, time = '', acts = '', source = '', target = '', what = ''] = match ?? [];
      const [domain = '', label = ''] = [source.split(':')[2], target.split(':')[2]];
      return match !== null &&
        Number(time) >= Math.floor(since) &&
        [domain, label].some(type => mail.test(type)) &&
        !(what === 'unix_stream_socket' && own.test(label))
        ? [`${domain} may not ${acts} a ${what} labelled ${label}`]
        : [];
    }),
  ),
];

const mail = /^(?:dovecot|postfix|mail|sendmail|pop|sieve|lmtp|smtp)_/;

// What a tool says to us goes through a socket (libuv's of uv_spawn), which those that a tool starts may not write to: their loss.
const own = /^(?:initrc|unconfined|unconfined_service)_t$/;

// auditd(8) keeps it in a file; without that daemon the kernel's messages are in the journal, without their times.
const auditLog = async ({files, run}: ProbeContext['host'], since: string): Promise<string | undefined> => {
  const kept = ['/var/log/audit/audit.log.1', '/var/log/audit/audit.log'].flatMap(path => {
    const bytes = files.read(path, {limit: 64 * 1024 * 1024});
    return bytes === undefined ? [] : [bytes.toString('latin1')];
  });
  if (kept.length > 0) {
    return kept.join('\n');
  }

  const {exitCode, stdout} = await run(
    '/usr/bin/journalctl',
    [
      '--quiet',
      '--no-pager',
      '--output=cat',
      `--since=@${Math.floor(Date.parse(since) / 1000)}`,
      '_TRANSPORT=kernel',
      '+',
      '_TRANSPORT=audit',
    ],
    {limit: 16 * 1024 * 1024},
  );
  // From the audit socket a line has no stamp of its own: it is from the time that was asked for.
  return exitCode === 0
    ? stdout.replace(/^(?:AVC )?avc:/gm, `audit(${Math.ceil(Date.parse(since) / 1000)}:0): avc:`)
    : undefined;
};

const texts = {
  unread: {en: 'What SELinux denied was not checked.', ja: 'SELinux の拒否は確認していません。'},
  none: {
    en: 'SELinux denied the mail server nothing since the changes.',
    ja: '変更後、SELinux によるメールサーバーの拒否はありません。',
  },
  some: {
    en: 'SELinux denied the mail server something {count} times since the changes.',
    ja: '変更後、SELinux がメールサーバーを {count} 種類拒否しました。',
  },
  remedy: {
    en: 'See “ausearch -m avc -ts recent”; do not switch SELinux off.',
    ja: '「ausearch -m avc -ts recent」を確認してください。SELinux は無効にしないでください。',
  },
} satisfies Record<string, Text>;
