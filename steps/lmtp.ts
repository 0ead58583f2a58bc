import {list, number, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Probe} from '../src/core/probe.js';
import type {Want} from '../src/core/want.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import type {Facts} from '../src/core/facts.js';
import type {AllAnswers} from '../src/core/question.js';
import type {DovecotSettings} from '../src/core/setting.js';
import {lmtpDoor, networkNotes, networkProblem} from './lib/lmtp-network.js';
import {doorThere, doorWants, hostsProblem} from './lib/network-listener.js';
import {peopleFile, peopleWants, refusesServices} from './lib/lmtp-people.js';
import {hasAddresses, hasPam} from './lib/people.js';
import {domainsOf, hasDovecot, hasNetworkLmtp, hostnameOf, isServer, tlsFilesOf} from './lib/read.js';

/**
 * Where mail is handed to Dovecot: a socket of this machine's Postfix, in its own queue directory (a path outside fails in its
 * chroot), and a port for the Postfix of other hosts.
 */
export const lmtp = defineStep({
  id: 'lmtp',
  side: 'dovecot',
  title: {en: 'Handing over (LMTP)', ja: '受け渡し (LMTP)'},
  why: {
    en: 'Postfix receives mail, Dovecot stores it: they meet at a place that nobody else can use.',
    ja: 'Postfix が受け取り Dovecot が保存します。その間の受け渡し口は他者には使えません。',
  },
  needs: ['role', 'tls'],
  owns: ['listener.unix lmtp*', 'listener.inet lmtp*', 'lmtp.*', `path:${peopleFile}`, 'port:*'],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    network: yesNo({
      ask: {
        en: 'Do other hosts hand mail over to this server (LMTP over the network)?',
        ja: 'ほかのホストがこのサーバーにメールを渡しますか (ネットワーク経由の LMTP)。',
      },
      help: {
        en: 'For a Postfix on another machine, which delivers into the mailboxes here.',
        ja: '別のマシンの Postfix が、ここのメールボックスに配送する場合です。',
      },
      why: {
        en: 'LMTP asks for no password: whoever reaches the port can put mail into every mailbox.',
        ja: 'LMTP にパスワードはありません。ポートに到達できれば誰でも全員に配送できます。',
      },
      level: 'advanced',
      initial: () => false,
      validate: networkProblem,
    }),
    hosts: list({
      ask: {en: 'From which addresses may they connect?', ja: 'どのアドレスからの接続を許可しますか。'},
      help: {
        en: 'Addresses or networks, IPv4 and IPv6; the firewall lets nobody else in.',
        ja: 'IPv4 と IPv6 のアドレスまたはネットワークです。ファイアウォールはほかを通しません。',
      },
      why: {
        en: 'Only hosts that check mail first may hand it over.',
        ja: '先に検査を行うホストだけに受け渡しを許します。',
      },
      example: '192.0.2.5 2001:db8::5',
      level: 'advanced',
      when: ({answers}) => hasNetworkLmtp(answers),
      initial: () => undefined,
      validate: hostsProblem,
    }),
    port: number({
      ask: {en: 'On which port?', ja: 'どのポートで待ち受けますか。'},
      help: {
        en: 'TLS from the first byte, by the certificate of this server.',
        ja: 'このサーバーの証明書による、最初からの TLS です。',
      },
      why: {
        en: 'Mail between the hosts cannot be read on the way.',
        ja: 'ホスト間のメールは途中で読めません。',
      },
      level: 'advanced',
      when: ({answers}) => hasNetworkLmtp(answers),
      min: 1,
      max: 65_535,
      initial: () => lmtpDoor.port,
    }),
  },
  packages: ({all}) => (hasNetworkLmtp(all) ? ['dovecot-lmtp'] : []),
  adopt: facts => {
    const there = doorThere(lmtpDoor, facts);
    return facts.configured.dovecot ? {network: there !== undefined, ...there} : {};
  },
  plan: ({answers, all, facts}): readonly Want[] => [
    ...(isServer(all) || hasNetworkLmtp(all)
      ? ([
          {kind: 'item', in: 'dovecot', at: 'protocols', value: 'lmtp', state: 'present'},
          {
            kind: 'setting',
            in: 'dovecot',
            at: 'lmtp.postmaster',
            op: 'set',
            value: `postmaster@${domainsOf(all)[0] ?? ''}`,
          },
          ...usernameOf(all, facts).map(
            value => ({kind: 'setting', in: 'dovecot', at: 'lmtp.username', op: 'set', value}) as const,
          ),
        ] as const)
      : []),
    ...(isServer(all) ? [socket] : []),
    ...doorWants(lmtpDoor, {...answers, on: hasNetworkLmtp(all)}, all, facts),
    ...peopleWants(all, facts),
  ],
  probes: ({answers: {port = lmtpDoor.port}, all, platform}): readonly Probe[] =>
    hasNetworkLmtp(all)
      ? [
          {
            id: `tls:${port}`,
            section: 'lmtp',
            kind: 'tls',
            port,
            name: hostnameOf(all),
            certificate: tlsFilesOf(all, platform).certificate,
          },
          {id: 'lmtp:ports', section: 'lmtp', kind: 'ports', open: [port], closed: []},
          {id: 'lmtp:strangers', section: 'lmtp', kind: 'closed-to-strangers', port},
          ...(refusesServices(all)
            ? [
                {
                  id: 'lmtp:services',
                  section: 'lmtp',
                  kind: 'services-refused' as const,
                  names: ['root', 'daemon'],
                },
              ]
            : []),
        ]
      : [],
  notes: ({answers: {port = lmtpDoor.port}, all}) => networkNotes(port, all),
});

const socket: Want = {
  kind: 'block',
  in: 'dovecot',
  at: 'listener.unix',
  value: {
    service: 'lmtp',
    path: '/var/spool/postfix/private/dovecot-lmtp',
    mode: '0600',
    user: 'postfix',
    group: 'postfix',
  },
  state: 'present',
};

// Postfix hands over whole addresses. Users of the machine have bare names; beside a list they are known by the host's name.
// For a list alone nothing needs to be said, unless somebody did.
const usernameOf = (all: AllAnswers, facts: Facts): readonly DovecotSettings['lmtp.username'][] =>
  hasPam(all)
    ? [hasAddresses(all) ? {localAt: hostnameOf(all)} : 'lower-local-part']
    : readDovecot(facts).settings['lmtp.username'] === undefined
      ? []
      : ['lower'];
