import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** Ports behind firewalld's names of mail services. */
const named: Readonly<Record<string, number>> = {
  smtp: 25,
  pop3: 110,
  imap: 143,
  smtps: 465,
  'smtp-submission': 587,
  submission: 587,
  imaps: 993,
  pop3s: 995,
  managesieve: 4190,
};

/** Permanent = runtime = what was asked: a reload or a reboot must neither open nor close anything. */
export const firewall: ProbeHandler<'firewall'> = async (probe, {host, facts}) => {
  if (facts.firewall.backend !== 'firewalld' || !facts.firewall.active) {
    return [unchecked(probe, {summary: texts.none, remedy: texts.noneRemedy})];
  }

  const zone = facts.firewall.zone ?? 'public';
  const [permanent, runtime] = [
    await openPorts(host, zone, ['--permanent']),
    await openPorts(host, zone, []),
  ];
  const wrong = [
    ...probe.open.filter(port => !permanent.has(port) || !runtime.has(port)),
    ...probe.closed.filter(port => permanent.has(port) || runtime.has(port)),
  ];
  return [
    wrong.length === 0
      ? pass(probe, {summary: texts.good, values: {zone, open: probe.open.join(', ')}})
      : fail(probe, {
          summary: texts.wrong,
          values: {zone, ports: wrong.join(', ')},
          remedy: texts.wrongRemedy,
        }),
  ];
};

const openPorts = async (
  host: ProbeContext['host'],
  zone: string,
  where: readonly string[],
): Promise<ReadonlySet<number>> => {
  const ask = async (what: string) =>
    (await host.run('/usr/bin/firewall-cmd', [...where, `--zone=${zone}`, what])).stdout
      .trim()
      .split(/\s+/)
      .filter(Boolean);
  const services = (await ask('--list-services')).map(name => named[name]);
  const ports = (await ask('--list-ports')).map(entry => Number(entry.split('/')[0]));
  return new Set([...services, ...ports].filter(port => port !== undefined));
};

const texts = {
  none: {
    en: 'Whether a firewall lets mail in: no firewall that can be asked is active here.',
    ja: 'ファイアウォールの許可状況: 確認できるファイアウォールが動いていません。',
  },
  noneRemedy: {
    en: 'A router or cloud firewall in front must let the mail ports in; try them from elsewhere.',
    ja: '手前のルーターやクラウドの設定でメールのポートを許可し、外部から試してください。',
  },
  good: {
    en: 'The firewall (zone {zone}) is open for {open}, now and after a reload.',
    ja: 'ファイアウォール (ゾーン {zone}) は現在も再読み込み後も {open} を許可します。',
  },
  wrong: {
    en: 'The firewall (zone {zone}) is not as asked for the ports {ports}.',
    ja: 'ファイアウォール (ゾーン {zone}) のポート {ports} が指定どおりではありません。',
  },
  wrongRemedy: {
    en: 'Compare “firewall-cmd --list-all” with and without --permanent.',
    ja: '「firewall-cmd --list-all」を --permanent の有無で比べてください。',
  },
} satisfies Record<string, Text>;
