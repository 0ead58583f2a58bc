import {isOpen} from '../core/open-ports.js';
import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** Permanent = runtime = what was asked: a reload or a reboot must neither open nor close anything. */
export const firewall: ProbeHandler<'firewall'> = async (probe, {host, facts}) => {
  if (facts.firewall.backend !== 'firewalld' || !facts.firewall.active) {
    return [unchecked(probe, {summary: texts.none, remedy: texts.noneRemedy})];
  }

  const zone = facts.firewall.zone ?? 'public';
  const [permanent, runtime] = [await entries(host, zone, ['--permanent']), await entries(host, zone, [])];
  const wrong = [
    ...probe.open.filter(port => !isOpen(permanent, port) || !isOpen(runtime, port)),
    ...probe.closed.filter(port => isOpen(permanent, port) || isOpen(runtime, port)),
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

const entries = async (host: ProbeContext['host'], zone: string, where: readonly string[]) => {
  const ask = async (what: string) =>
    (await host.run('/usr/bin/firewall-cmd', [...where, `--zone=${zone}`, what])).stdout
      .trim()
      .split(/\s+/)
      .filter(Boolean);
  return {services: await ask('--list-services'), ports: await ask('--list-ports')};
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
