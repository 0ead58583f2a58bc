import type {Finding} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

// How each jail's filter is named on a command line, and where the lines that it reads are (journalctl(1), matches).
const sources: Readonly<
  Record<string, {readonly filter: string; readonly match: readonly string[]; readonly failed: RegExp}>
> = {
  'dovetail-dovecot': {
    filter: 'dovetail-dovecot',
    match: ['_SYSTEMD_UNIT=dovecot.service'],
    failed: /-login: .*\(auth failed/,
  },
  'dovetail-sasl': {
    filter: 'postfix[mode=auth]',
    match: ['_SYSTEMD_UNIT=postfix.service', '+', '_SYSTEMD_UNIT=postfix@-.service'],
    failed: /SASL \S+ authentication failed/,
  },
};

/** The jails run, spare whom they must, and know the very lines that the servers write. Nobody is banned for it. */
export const bans: ProbeHandler<'bans'> = async (probe, context) => {
  const client = async (...args: readonly string[]) =>
    context.host.run('/usr/bin/fail2ban-client', args, {timeout: 20_000});
  const findings: Finding[] = [];
  for (const jail of probe.jails) {
    const own = {...probe, id: `${probe.id}:${jail}`};
    const {exitCode, stdout} = await client('get', jail, 'ignoreip');
    if (exitCode !== 0) {
      findings.push(
        fail(own, {summary: texts.gone, values: {jail}, remedy: texts.goneRemedy, evidence: [stdout.trim()]}),
      );
      continue;
    }

    const spared = stdout.split('\n').map(line => line.replace(/^[|`]- /, '').trim());
    const missing = probe.never.filter(address => !spared.includes(address.replaceAll(/[[\]]/g, '')));
    findings.push(
      missing.length === 0
        ? pass(own, {summary: texts.runs, values: {jail}})
        : fail(own, {
            summary: texts.notSpared,
            values: {jail, addresses: missing.join(', ')},
            remedy: texts.goneRemedy,
          }),
      await reads({...own, id: `${own.id}:log`}, jail, context),
    );
  }

  return findings;
};

// The checks before this one have failed to log in as nobody, from an address of the machine itself, which no jail counts.
const reads = async (
  probe: Parameters<typeof pass>[0],
  jail: string,
  {host}: ProbeContext,
): Promise<Finding> => {
  const source = sources[jail];
  const {stdout} = await host.run(
    '/usr/bin/journalctl',
    ['--quiet', '--no-pager', '--output=short', '--since=-10min', ...(source?.match ?? [])],
    {limit: 16 * 1024 * 1024},
  );
  const line = stdout.split('\n').findLast(text => source?.failed.test(text) === true);
  if (source === undefined || line === undefined) {
    return unchecked(probe, {summary: texts.noLine, values: {jail}, remedy: texts.noLineRemedy});
  }

  const tried = await host.run('/usr/bin/fail2ban-regex', [line, source.filter], {timeout: 30_000});
  return /\b1 matched\b/.test(tried.stdout)
    ? pass(probe, {summary: texts.reads, values: {jail}})
    : fail(probe, {
        summary: texts.blind,
        values: {jail},
        remedy: common.logRemedy,
        evidence: [line],
      });
};

const texts = {
  runs: {
    en: 'The jail {jail} runs, and spares the addresses that it must.',
    ja: 'jail {jail} は稼働中で、除外すべきアドレスを除外しています。',
  },
  gone: {en: 'The jail {jail} does not run.', ja: 'jail {jail} が稼働していません。'},
  goneRemedy: {
    en: 'See “journalctl -u fail2ban” and “fail2ban-client status”.',
    ja: '「journalctl -u fail2ban」と「fail2ban-client status」を確認してください。',
  },
  notSpared: {
    en: 'The jail {jail} would ban {addresses}.',
    ja: 'jail {jail} が {addresses} を遮断する可能性があります。',
  },
  reads: {
    en: 'The jail {jail} knows a failed login when it reads one in the log.',
    ja: 'jail {jail} は、ログのログイン失敗を正しく認識しています。',
  },
  blind: {
    en: 'The jail {jail} does not know this line for a failed login: nobody would be banned.',
    ja: 'jail {jail} が次の行をログイン失敗と認識しないため、誰も遮断されません。',
  },
  noLine: {
    en: 'Whether the jail {jail} knows a failed login: there was none in the last ten minutes.',
    ja: '直近 10 分間にログイン失敗がないため、jail {jail} の認識を確認していません。',
  },
  noLineRemedy: {
    en: 'Try to log in as somebody who does not exist, and check again.',
    ja: '存在しない利用者でログインを試みてから、もう一度確認してください。',
  },
} satisfies Record<string, Text>;
