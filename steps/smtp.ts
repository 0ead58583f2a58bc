import {list, number, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {addressesOf, knowsAll} from './lib/people.js';
import {networkCaution, networkProblem} from './lib/networks.js';
import {isReachable, port} from './lib/ports.js';
import {main, mainUnset, settingOf} from './lib/postfix.js';
import {domainsOf, hasPostfix, hostnameOf, isServer} from './lib/read.js';
import {adminOf, roleAddresses, roleWants} from './lib/role-mail.js';
import {adoptSmtp, networksValue} from './lib/smtp-adopt.js';
import {
  bannerProblem,
  interfaceProblem,
  interfacesValue,
  listeningProbe,
  relayRestrictions,
} from './lib/smtp-checks.js';
import {identityWants} from './lib/smtp-identity.js';
import {addressProblem} from './lib/validate.js';

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const server = ({answers}: Said) => isServer(answers);
const own = ({answers}: Said, question: string) => answers['smtp']?.[question];

/** Postfix's names, whom it trusts, how large a message may be, and who reads the mail for the roles that every domain must have. */
export const smtp = defineStep({
  id: 'smtp',
  side: 'postfix',
  title: {en: 'Receiving mail', ja: 'メールの受信'},
  why: {
    en: 'A server that trusts too many sends spam for strangers within hours.',
    ja: '信用する範囲が広すぎると、数時間で迷惑メールの踏み台になります。',
  },
  needs: ['role', 'auth-passwdfile', 'auth-pam'],
  owns: [
    'main.cf:myhostname',
    'main.cf:mydomain',
    'main.cf:myorigin',
    'main.cf:mydestination',
    'main.cf:mynetworks',
    'main.cf:mynetworks_style',
    'main.cf:inet_interfaces',
    'main.cf:inet_protocols',
    'main.cf:message_size_limit',
    'main.cf:mailbox_size_limit',
    'main.cf:smtpd_banner',
    'main.cf:smtpd_relay_restrictions',
    'main.cf:virtual_alias_maps',
    'main.cf:alias_maps',
    'port:25',
  ],
  applies: (_facts, all) => hasPostfix(all),
  questions: {
    admin: text({
      ask: {
        en: 'Who reads mail for root, postmaster and abuse?',
        ja: 'root、postmaster、abuse 宛のメールは誰が読みますか。',
      },
      help: {
        en: 'One of the mailboxes here, or an address elsewhere.',
        ja: 'ここのメールボックスか、ほかのアドレスです。',
      },
      why: {
        en: 'Every domain must have a postmaster who reads, and the machine’s own warnings go to root (RFC 5321, RFC 2142).',
        ja: 'どのドメインにも読む人のいる postmaster が必要で、マシン自身の警告は root に届きます (RFC 5321、RFC 2142)。',
      },
      example: 'anna@example.com',
      level: 'basic',
      initial: ({facts, answers}) => (isServer(answers) ? addressesOf(answers, facts)[0] : undefined),
      validate: (value, {answers, facts}) => {
        const problem = addressProblem(value);
        const isOurs = isServer(answers) && domainsOf(answers).includes(value.slice(value.indexOf('@') + 1));
        const users = addressesOf(answers, facts);
        if (problem !== undefined || !isOurs || users.length === 0) {
          return problem;
        }

        return roleAddresses(domainsOf(answers)).includes(value)
          ? texts.adminLoop
          : users.includes(value) || !knowsAll(answers)
            ? undefined
            : fill(texts.adminUnknown, {users: users.slice(0, 5).join(', ')});
      },
      caution: (value, {answers}) =>
        isServer(answers) && domainsOf(answers).includes(value.slice(value.indexOf('@') + 1))
          ? undefined
          : texts.adminElsewhere,
    }),
    networks: list({
      ask: {
        en: 'Which other machines may send through this server without a password?',
        ja: 'パスワードなしでこのサーバーから送信できるマシンはどれですか。',
      },
      help: {
        en: 'None is right for most: people log in. Addresses or networks such as 10.1.2.0/24.',
        ja: '利用者はログインするため、通常は「なし」です。10.1.2.0/24 のように指定します。',
      },
      why: {
        en: 'Each of them can send to anywhere in your name.',
        ja: 'それらはこのサーバーの名前でどこへでもメールを送れます。',
      },
      example: '10.1.2.0/24',
      level: 'advanced',
      when: server,
      initial: () => [],
      validateItem: networkProblem,
      caution: (networks, {facts}) =>
        networks.map(network => networkCaution(network, facts.host.networks)).find(Boolean),
    }),
    interfaces: select({
      ask: {
        en: 'On which of its addresses does the server take mail?',
        ja: 'どのアドレスでメールを受け取りますか。',
      },
      help: {
        en: 'All is right for a server that others send to.',
        ja: 'ほかのサーバーから受け取るなら「すべて」です。',
      },
      why: {
        en: 'An address that is not listened on gets no mail.',
        ja: '待ち受けていないアドレスにはメールが届きません。',
      },
      level: 'advanced',
      when: server,
      choices: [
        {value: 'all', label: {en: 'All', ja: 'すべて'}},
        {value: 'loopback', label: {en: 'Only from this machine', ja: 'このマシンからだけ'}},
        {value: 'list', label: {en: 'Only some', ja: '一部だけ'}},
      ],
      initial: () => 'all',
    }),
    addresses: list({
      ask: {en: 'On which addresses?', ja: 'どのアドレスですか。'},
      help: {
        en: 'Addresses of this machine, without a mask: Postfix does not start with 127.0.0.1/32.',
        ja: 'このマシンのアドレスをマスクなしで指定します。127.0.0.1/32 では Postfix が起動しません。',
      },
      why: {
        en: 'Postfix does not start where one of them is not this machine’s.',
        ja: 'このマシンにないアドレスがあると Postfix は起動しません。',
      },
      example: '127.0.0.1, 192.0.2.10',
      level: 'advanced',
      when: context => server(context) && own(context, 'interfaces') === 'list',
      initial: ({facts}) => ['127.0.0.1', ...facts.host.addresses],
      validateItem: (item, context) =>
        interfaceProblem(item, context.facts.host.addresses, own(context, 'protocols')),
      validate: addresses => (addresses.length === 0 ? texts.noInterface : undefined),
    }),
    protocols: select({
      ask: {en: 'Which versions of the Internet protocol?', ja: 'どの IP バージョンを使いますか。'},
      help: {
        en: 'Both, unless IPv6 of this network does not work.',
        ja: 'この回線の IPv6 が使えない場合を除き、両方にします。',
      },
      why: {
        en: 'Mail that leaves over an IPv6 address without a name is often refused.',
        ja: '名前のない IPv6 アドレスから送ったメールは拒否されることがあります。',
      },
      level: 'advanced',
      choices: [
        {value: 'all', label: {en: 'IPv4 and IPv6', ja: 'IPv4 と IPv6'}},
        {value: 'ipv4', label: {en: 'IPv4 only', ja: 'IPv4 のみ'}},
        {value: 'ipv6', label: {en: 'IPv6 only', ja: 'IPv6 のみ'}},
      ],
      initial: () => 'all',
    }),
    message_size_limit: number({
      ask: {en: 'How many bytes may one message have?', ja: 'メール 1 通は何バイトまでですか。'},
      help: {
        en: '50 MiB holds an attachment of about 36 MB.',
        ja: '50 MiB なら約 36 MB の添付ファイルを送れます。',
      },
      why: {
        en: 'Larger messages are refused while they are sent; Postfix needs 1.5 times as much free space.',
        ja: 'これより大きいメールは受信時に拒否します。Postfix には 1.5 倍の空き容量が必要です。',
      },
      level: 'advanced',
      when: server,
      min: 102_400,
      max: 2_147_483_647,
      initial: () => 52_428_800,
    }),
    mailbox_size_limit: number({
      ask: {
        en: 'How many bytes may a mailbox file of the system have (0: no limit)?',
        ja: 'システムのメールボックスファイルは何バイトまでですか (0 は無制限)。',
      },
      help: {
        en: 'It is about Postfix’s own delivery only; quotas of mailboxes are Dovecot’s.',
        ja: 'Postfix 自身の配送だけの制限です。メールボックスの割り当ては Dovecot が行います。',
      },
      why: {
        en: 'Smaller than one message, and local mail is not delivered at all.',
        ja: '1 通の上限より小さいと、ローカルのメールがまったく配送されません。',
      },
      level: 'advanced',
      when: server,
      min: 0,
      initial: () => 0,
      validate: (limit, context) => {
        const message = Number(own(context, 'message_size_limit') ?? 52_428_800);
        return limit !== 0 && limit < message ? fill(texts.mailboxLimit, {message}) : undefined;
      },
    }),
    banner: text({
      ask: {en: 'How does the server greet?', ja: '接続時の挨拶は何にしますか。'},
      help: {
        en: 'It begins with the server’s name, then ESMTP. The default does not say which software this is.',
        ja: 'サーバー名、ESMTP の順に始めます。既定ではソフトウェアの種類を知らせません。',
      },
      why: {
        en: 'Who looks for weak versions reads it first.',
        ja: '弱いバージョンを探す者が最初に読む部分です。',
      },
      level: 'advanced',
      when: server,
      initial: () => '$myhostname ESMTP',
      validate: bannerProblem,
    }),
  },
  adopt: adoptSmtp,
  plan: ({answers, all, facts, platform}) => {
    const {interfaces = 'all', protocols = 'all', message_size_limit: size = 52_428_800} = answers;
    const common: readonly Want[] = [
      ...identityWants(all, facts, platform),
      main('inet_protocols', protocols),
      ...roleWants(all, facts, adminOf(all)),
    ];
    if (!isServer(all)) {
      return [
        ...common,
        main('inet_interfaces', 'loopback-only'),
        main('mynetworks', networksValue([], facts)),
        ...port(all, 25, 'absent'),
      ];
    }

    return [
      ...common,
      main('inet_interfaces', interfacesValue(interfaces, answers.addresses ?? [])),
      main('mynetworks', networksValue(answers.networks ?? [], facts)),
      main('message_size_limit', String(size)),
      main('mailbox_size_limit', String(answers.mailbox_size_limit ?? 0)),
      main('smtpd_banner', answers.banner ?? '$myhostname ESMTP'),
      ...relayRestrictions(settingOf(facts, 'smtpd_relay_restrictions')),
      ...mainUnset(facts, 'mynetworks_style'),
      ...port(all, 25, isReachable(all) ? 'present' : 'absent'),
    ];
  },
  probes: ({all, facts}) =>
    isServer(all)
      ? [
          {id: 'smtp:config', section: 'smtp', kind: 'postfix-config'},
          ...listeningProbe(all, facts),
          {id: 'smtp:chroot', section: 'smtp', kind: 'chroot-copies'},
          {
            id: 'smtp:roles',
            section: 'smtp',
            kind: 'role-addresses',
            addresses: roleAddresses(domainsOf(all)),
          },
          {id: 'smtp:trusted', section: 'smtp', kind: 'trusted-networks'},
          {id: 'smtp:relay', section: 'smtp', kind: 'relay-refused', port: 25, domains: domainsOf(all)},
          {id: 'smtp:plaintext', section: 'smtp', kind: 'no-plaintext-login', protocol: 'smtp', port: 25},
        ]
      : [
          {id: 'smtp:config', section: 'smtp', kind: 'postfix-config'},
          {id: 'smtp:chroot', section: 'smtp', kind: 'chroot-copies'},
          {id: 'smtp:trusted', section: 'smtp', kind: 'trusted-networks'},
          {id: 'smtp:relay', section: 'smtp', kind: 'relay-refused', port: 25, domains: [hostnameOf(all)]},
        ],
});

const texts = {
  adminLoop: {
    en: 'That is the role itself: name the mailbox of a person.',
    ja: 'それは役割そのものです。人のメールボックスを指定してください。',
  },
  adminUnknown: {
    en: 'There is no such mailbox here. There are: {users}.',
    ja: 'そのメールボックスはここにありません。あるもの: {users}',
  },
  adminElsewhere: {
    en: 'Whether that address takes mail cannot be seen from here; a warning from this server may not reach it when this server is in trouble.',
    ja: 'そのアドレスが届くかどうかはここから確認できません。このサーバーの障害時には警告が届かないことがあります。',
  },
  noInterface: {en: 'At least one address is needed.', ja: 'アドレスが 1 つ以上必要です。'},
  mailboxLimit: {
    en: 'It must be 0 or at least as large as one message ({message}): otherwise Postfix delivers no local mail.',
    ja: '0、または 1 通の上限 ({message}) 以上にしてください。小さいとローカルのメールが配送されません。',
  },
} satisfies Record<string, Text>;
