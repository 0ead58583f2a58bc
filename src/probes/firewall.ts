import type {Finding} from '../core/finding.js';
import {isOpen} from '../core/open-ports.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {isItem, ufwComment, ufwRulesThere} from '../system/ufw.js';
import {common, fail, pass, unchecked, warning} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** Permanent = runtime = what was asked: a reload or a reboot must neither open nor close anything. */
export const firewall: ProbeHandler<'firewall'> = async (probe, context) => {
  const {backend, active, zone = 'public'} = context.facts.firewall;
  if (!active || backend === 'none') {
    return [unchecked(probe, {summary: texts.none, remedy: texts.noneRemedy})];
  }

  if (backend !== 'firewalld') {
    return backend === 'ufw' ? ufwProbe(probe, context) : reached(probe, context);
  }

  const {host} = context;
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

// What is in ufw's files is in force after a boot; what is in force now shows by trying.
const ufwProbe = async (probe: FirewallProbe, context: ProbeContext): Promise<readonly Finding[]> => {
  const rules = ufwRulesThere(context.host.files);
  const wrong = probe.closed.filter(port =>
    rules.some(family =>
      family.some(rule => rule.comment === ufwComment && isItem(rule, {type: 'port', port, protocol: 'tcp'})),
    ),
  );
  return [
    ...(wrong.length === 0
      ? []
      : [fail(probe, {summary: texts.left, values: {ports: wrong.join(', ')}, remedy: texts.leftRemedy})]),
    ...(await reached(probe, context)),
  ];
};

// From a place that the machine knows nothing of, each port takes a connection.
const reached = async (
  probe: FirewallProbe,
  {outside, applying, facts}: ProbeContext,
): Promise<readonly Finding[]> => {
  const values = {open: probe.open.join(', '), backend: facts.firewall.backend};
  if (outside === undefined) {
    return [
      unchecked(probe, {summary: texts.untried, values, cause: common.noOutside, remedy: texts.noneRemedy}),
    ];
  }

  const tried = await Promise.all(
    outside.addresses.flatMap(({address}) =>
      probe.open.map(async port => {
        // What is said after the connection does not count: a port without TLS is one too.
        const protocol = protocols[port] ?? 'smtp';
        const result = await outside.play({address, port, protocol, tls: 'wrapper', lines: []});
        const isShut = result.kind === 'refused' && ['unreachable', 'timeout'].includes(result.reason);
        return isShut && result.replies.length === 0 ? [port] : [];
      }),
    ),
  );
  const ports = [...new Set(tried.flat())].join(', ');
  if (ports === '') {
    return [pass(probe, {summary: texts.reached, values})];
  }

  const words = {
    summary: texts.unreached,
    values: {...values, ports, rules: probe.add?.join('; ') ?? ''},
    remedy: probe.add === undefined || probe.add.length === 0 ? texts.unreachedRemedy : texts.add,
  };
  return [probe.add !== undefined && applying ? warning(probe, words) : fail(probe, words)];
};

// Whose greeting is waited for; port 25 and its kin speak SMTP.
const protocols: Readonly<Record<number, 'imap' | 'pop3' | 'sieve'>> = {
  110: 'pop3',
  143: 'imap',
  993: 'imap',
  995: 'pop3',
  4190: 'sieve',
};

type FirewallProbe = Extract<Probe, {kind: 'firewall'}>;

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
  untried: {
    en: 'Whether {backend} lets {open} in was not tried.',
    ja: '{backend} が {open} を許可しているかは試していません。',
  },
  reached: {
    en: 'From outside, the firewall ({backend}) lets {open} in.',
    ja: '外部から、ファイアウォール ({backend}) は {open} を許可します。',
  },
  unreached: {
    en: 'From outside, the firewall ({backend}) keeps {ports} out.',
    ja: '外部から、ファイアウォール ({backend}) が {ports} を遮断しています。',
  },
  unreachedRemedy: {
    en: 'Look which rule stands before the others: “ufw status numbered”, “nft list ruleset”.',
    ja: '先に当たる規則を「ufw status numbered」「nft list ruleset」で確認してください。',
  },
  add: {
    en: 'Add, and write it into the file that the rules are loaded from: {rules}',
    ja: '次を追加し、規則を読み込むファイルにも書いてください: {rules}',
  },
  left: {
    en: 'ufw still has rules of ours for the ports {ports}.',
    ja: 'ufw に、不要になったポート {ports} の規則が残っています。',
  },
  leftRemedy: {
    en: 'See “ufw status numbered”; “dovetail firewall” takes them away.',
    ja: '「ufw status numbered」で確認してください。「dovetail firewall」で取り除けます。',
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
