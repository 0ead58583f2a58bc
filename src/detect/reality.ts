import {connect} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import {isPublicAddress} from '../core/public-address.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {answerOf, openResolver} from '../system/dns.js';

export type RealityOptions = {
  /** Domains whose MX is looked up, besides the one that the machine's name is in. */
  readonly domains?: readonly string[];
  /** Milliseconds for all of it. */
  readonly time?: number;
  /** Name servers, as `address:port`; those of resolv.conf(5) where none are named. */
  readonly servers?: readonly string[];
  /** Port that is tried at the other end. */
  readonly smtpPort?: number;
};

/** A domain that surely takes mail: whether its port 25 can be reached says whether this machine may send. Nothing is said there. */
const otherEnd = 'gmail.com';

/**
 * What the Internet says of this machine: which names its addresses point back to and where those names lead, where the mail of its
 * domain goes now, and whether port 25 outside can be reached. What gets no answer in time stays unknown, and that is said.
 */
export const reality = async (
  facts: Facts,
  {domains = [], time = 3000, servers, smtpPort = 25}: RealityOptions = {},
): Promise<Facts> => {
  const resolver = openResolver({
    timeout: Math.ceil(time / 3),
    tries: 1,
    ...(servers === undefined ? {} : {servers}),
  });
  let answered = false;
  // An answer that there is nothing is an answer.
  const ask = async <T>(question: Promise<readonly T[]>, fromDns = true): Promise<readonly T[]> => {
    const found = await answerOf(question);
    answered ||= fromDns && found !== undefined;
    return found ?? [];
  };
  const addressesOf = async (name: string) =>
    (await Promise.all([ask(resolver.resolve4(name)), ask(resolver.resolve6(name))])).flat();
  const reverse: Record<string, string> = {};
  const forward: Record<string, readonly string[]> = {};
  const mx: Record<string, readonly string[]> = {};
  let outbound: boolean | undefined;
  const {fqdn, addresses} = facts.host;
  const parent = fqdn?.split('.').slice(1).join('.');
  const mailDomains = [...new Set([...domains, ...(parent?.includes('.') === true ? [parent] : [])])];
  const all = Promise.all([
    ...addresses.map(async address => {
      // It looks into hosts(5) too, so that finding nothing is no sign of a name server.
      const names = await ask(resolver.reverse(address), false);
      const name = names.find(found => found.includes('.'));
      if (name !== undefined) {
        reverse[address] = visibleLine(name).toLowerCase();
      }
    }),
    ...(fqdn === undefined
      ? []
      : [
          addressesOf(fqdn).then(found => {
            forward[fqdn] = found;
          }),
        ]),
    ...mailDomains.map(async domain => {
      const found = await ask(resolver.resolveMx(domain));
      mx[domain] = found
        .toSorted((a, b) => a.priority - b.priority)
        .map(({exchange}) => visibleLine(exchange).toLowerCase());
    }),
    (async () => {
      const [first] = (await ask(resolver.resolveMx(otherEnd))).toSorted((a, b) => a.priority - b.priority);
      const [address] = first === undefined ? [] : await ask(resolver.resolve4(first.exchange));
      outbound = address === undefined ? undefined : await reaches(address, smtpPort, Math.ceil(time / 3));
    })(),
  ]);
  await Promise.race([all, wait(time, undefined, {ref: false})]);
  resolver.cancel();
  // What comes in after its time must not change what was given out.
  const known = {
    ...facts,
    host: {...facts.host, reverse: {...reverse}},
    dns: {works: answered, mx: {...mx}, forward: {...forward}},
    ...(outbound === undefined ? {} : {outboundSmtp: outbound}),
  };
  return {...known, findings: [...facts.findings, ...findingsOf(known)]};
};

const reaches = (host: string, port: number, timeout: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect({host, port, timeout});
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });

const findingsOf = ({host: {fqdn, addresses, reverse}, dns, outboundSmtp}: Facts): readonly Finding[] => {
  if (!dns.works) {
    return [{id: 'reality:dns', severity: 'unchecked', summary: texts.silent, remedy: texts.silentRemedy}];
  }

  const found = fqdn === undefined ? undefined : dns.forward[fqdn];
  const nameless = addresses.filter(address => isPublicAddress(address) && reverse[address] === undefined);
  return [
    ...(outboundSmtp === false
      ? [warning('port-25', texts.closed, texts.closedRemedy, {host: otherEnd})]
      : outboundSmtp === undefined
        ? [
            {
              id: 'reality:port-25',
              severity: 'unchecked' as const,
              summary: texts.untried,
              remedy: texts.untriedRemedy,
            },
          ]
        : []),
    ...(fqdn !== undefined && found?.length === 0
      ? [warning('name', texts.unknown, texts.unknownRemedy, {name: fqdn})]
      : fqdn !== undefined && found !== undefined && !found.some(address => addresses.includes(address))
        ? [
            warning('elsewhere', texts.elsewhere, texts.elsewhereRemedy, {
              name: fqdn,
              there: found.join(', '),
            }),
          ]
        : []),
    ...nameless.map(address =>
      warning(`reverse:${address}`, texts.nameless, texts.namelessRemedy, {address}),
    ),
  ];
};

const warning = (
  id: string,
  summary: Text,
  remedy: Text,
  values: Readonly<Record<string, string>>,
): Finding => ({
  id: `reality:${id}`,
  severity: 'warning',
  summary: fill(summary, values),
  remedy: fill(remedy, values),
});

const texts = {
  silent: {
    en: 'No name server answered: names, MX records and port 25 outside could not be tested.',
    ja: 'ネームサーバーが応答しないため、名前、MX レコード、外部のポート 25 を確認できませんでした。',
  },
  silentRemedy: {
    en: 'A mail server needs DNS (/etc/resolv.conf); in a closed network this is as it should be.',
    ja: 'メールサーバーには DNS が必要です (/etc/resolv.conf)。閉じたネットワークなら問題ありません。',
  },
  closed: {
    en: 'Port 25 outside cannot be reached ({host} was tried): mail can leave only through a relay.',
    ja: '外部のポート 25 に接続できません ({host} で確認)。メールは中継サーバー経由でしか送れません。',
  },
  closedRemedy: {
    en: 'Choose a relay when asked, or have the provider open the port.',
    ja: '中継サーバーを選ぶか、事業者にポートの開放を依頼してください。',
  },
  untried: {
    en: 'Whether port 25 outside can be reached could not be tested.',
    ja: '外部のポート 25 に接続できるか確認できませんでした。',
  },
  untriedRemedy: {
    en: 'If mail does not leave later, ask the provider whether it is open.',
    ja: '後でメールが送れない場合は、事業者に開放されているか確認してください。',
  },
  unknown: {
    en: 'The name {name} is not in DNS.',
    ja: '名前 {name} は DNS にありません。',
  },
  unknownRemedy: {
    en: 'Publish its address (A, AAAA) before others are to send mail here.',
    ja: '外部からメールを受ける前に、アドレス (A、AAAA) を登録してください。',
  },
  elsewhere: {
    en: 'The name {name} leads to {there}, which is no address of this machine.',
    ja: '名前 {name} は {there} を指しており、このマシンのアドレスではありません。',
  },
  elsewhereRemedy: {
    en: 'Behind a router that translates addresses this is right; otherwise correct the record.',
    ja: 'アドレス変換の内側なら正しい状態です。そうでなければレコードを修正してください。',
  },
  nameless: {
    en: 'The address {address} points back to no name: many servers refuse mail from such an address.',
    ja: 'アドレス {address} には逆引きがありません。こうしたアドレスからのメールは多くのサーバーが拒否します。',
  },
  namelessRemedy: {
    en: 'Have the provider set its PTR record to this server’s name.',
    ja: '事業者に PTR レコードをこのサーバーの名前に設定してもらってください。',
  },
} satisfies Record<string, Text>;
