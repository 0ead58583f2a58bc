import {select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Facts} from '../src/core/facts.js';
import type {Probe} from '../src/core/probe.js';
import type {AllAnswers} from '../src/core/question.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {
  domainClassOf,
  formatOf,
  hasPam,
  homesOf,
  mailUsersOf,
  systemPathOf,
  systemAccountsOf,
} from './lib/people.js';
import {
  itemsOf,
  main,
  mainUnset,
  mapItem,
  mapTypeOf,
  postfixPath,
  settingOf,
  tableRow,
} from './lib/postfix.js';
import {domainsOf, hostnameOf, isGateway, isServer} from './lib/read.js';
import {recipientWants, secretTables} from './lib/recipients.js';
import {adoptRemote, remoteOf, remoteQuestions} from './lib/remote-dovecot.js';
import {noRemoteWants, remoteWants} from './lib/remote-wants.js';

/** Relative to the queue directory: an absolute path fails where Postfix's daemons are chrooted (Debian). */
const socket = 'lmtp:unix:private/dovecot-lmtp';

/** Postfix hands mail of the domains to Dovecot, here or on another host, for the accounts that exist and for nobody else. */
export const delivery = defineStep({
  id: 'delivery',
  side: 'postfix',
  title: {en: 'Delivery', ja: '配送'},
  why: {
    en: 'Who does not exist is refused while the sender waits; nothing bounces to forged senders.',
    ja: '存在しない宛先はその場で拒否し、偽の差出人への戻りメールを出しません。',
  },
  needs: ['lmtp', 'auth-passwdfile', 'auth-sql', 'auth-ldap', 'auth-pam'],
  owns: [
    'main.cf:virtual_transport',
    'main.cf:virtual_mailbox_domains',
    'main.cf:virtual_mailbox_maps',
    ...secretTables.map(path => `path:${path}`),
    'main.cf:virtual_alias_domains',
    'main.cf:relay_domains',
    'main.cf:mailbox_transport',
    'main.cf:local_recipient_maps',
    'main.cf:home_mailbox',
    'main.cf:mailbox_command',
    'main.cf:lmtp_tls_*',
    'main.cf:lmtp_host_lookup',
    'main.cf:smtpd_recipient_restrictions reject_unverified_recipient',
    'main.cf:unverified_recipient_*',
    'main.cf:address_verify_*',
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
    to: select({
      ask: {en: 'Who puts mail into the mailboxes?', ja: 'メールを誰がメールボックスに入れますか。'},
      help: {
        en: 'Dovecot, over a socket on this machine: then all its features work. A gateway hands mail to another host.',
        ja: 'このマシンのソケット経由で Dovecot が行います。Dovecot の全機能が使えます。ゲートウェイは別のホストに渡します。',
      },
      why: {
        en: 'Postfix’s own delivery does not know Dovecot’s formats and indexes.',
        ja: 'Postfix 自身の配送は Dovecot の形式や索引を扱いません。',
      },
      level: 'advanced',
      choices: [
        {
          value: 'dovecot',
          label: {en: 'Dovecot', ja: 'Dovecot'},
          unavailable: ({answers}) => (isGateway(answers) ? texts.elsewhere : undefined),
        },
        {
          value: 'remote',
          label: {en: 'The Dovecot of another host', ja: '別のホストの Dovecot'},
          unavailable: ({answers}) => (isGateway(answers) ? undefined : texts.here),
        },
        {
          value: 'none',
          label: {en: 'Postfix itself', ja: 'Postfix 自身'},
          unavailable: ({answers}) =>
            isGateway(answers)
              ? texts.elsewhere
              : domainClassOf(answers) === 'virtual'
                ? texts.noPlace
                : postfixCannot(answers),
        },
      ],
      initial: ({answers}) => (isGateway(answers) ? 'remote' : 'dovecot'),
    }),
    ...remoteQuestions,
  },
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const transports = ['virtual_transport', 'mailbox_transport'].map(key => settingOf(facts, key) ?? '');
    const remote = facts.dovecot === undefined ? adoptRemote(facts) : {};
    return {
      to:
        'host' in remote
          ? ('remote' as const)
          : transports.some(value => /^lmtp:|^dovecot/.test(value))
            ? ('dovecot' as const)
            : ('none' as const),
      ...remote,
    };
  },
  plan: ({answers: {to = 'dovecot'}, all, facts, platform}) =>
    isGateway(all)
      ? [
          ...remoteWants(remoteOf(all, platform.paths.caBundle), all, facts),
          ...otherClasses(domainsOf(all), facts),
        ]
      : [
          ...(domainClassOf(all) === 'virtual' ? virtualWants(all, facts) : localWants(to, all, facts)),
          ...noRemoteWants(facts),
        ],
  probes: ({all, platform}): readonly Probe[] => [
    ...domainsOf(all).map(domain => ({
      id: `delivery:unknown:${domain}`,
      section: 'delivery',
      kind: 'unknown-recipient-refused' as const,
      domain,
    })),
    ...(isGateway(all)
      ? [
          {
            id: 'delivery:remote',
            section: 'delivery',
            kind: 'lmtp-host' as const,
            ...remoteOf(all, platform.paths.caBundle),
            ...(domainsOf(all)[0] === undefined ? {} : {domain: domainsOf(all)[0]}),
          },
        ]
      : domainClassOf(all) === 'virtual'
        ? [{id: 'delivery:known', section: 'delivery', kind: 'recipients-known' as const}]
        : []),
  ],
});

const virtualWants = (all: AllAnswers, facts: Facts): readonly Want[] => [
  main('virtual_mailbox_domains', domainsOf(all).join(', ')),
  main('virtual_transport', socket),
  ...recipientWants(all, facts),
  ...(hasPam(all) ? systemWants(all, facts) : []),
  ...otherClasses(domainsOf(all), facts),
];

/**
 * Users of the machine beside a list: Postfix knows them at the name of the host, where local(8) hands their mail to Dovecot.
 * Those that the answers name have an address in each domain too, unless the list has it.
 */
const systemWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const file = postfixPath(facts, 'virtual');
  const taken = new Set(mailUsersOf(all, facts));
  return [
    main('mailbox_transport', socket),
    mapItem(facts, 'virtual_alias_maps', file),
    {
      kind: 'rows',
      file,
      format: 'table',
      ownership: {owner: 'root', group: 'root', mode: 0o644},
      compile: mapTypeOf(facts, 'virtual_alias_maps', file),
      rows: systemAccountsOf(all).flatMap(({name}) =>
        domainsOf(all)
          .map(domain => `${name}@${domain}`)
          .filter(address => !taken.has(address))
          .map(address => tableRow(address, `${name}@${hostnameOf(all)}`)),
      ),
    },
  ];
};

// A domain in two classes: Postfix warns and takes one of them, not always the one that is meant.
const otherClasses = (domains: readonly string[], facts: Facts): readonly Want[] =>
  (['virtual_alias_domains', 'relay_domains'] as const).flatMap(at =>
    itemsOf(facts, at)
      .filter(item => domains.includes(item.toLowerCase()))
      .map(value => ({kind: 'item' as const, in: 'main.cf' as const, at, value, state: 'absent' as const})),
  );

/**
 * Domains of the machine's own users. Postfix's default recipient table is passwd(5) and aliases(5), which is right here;
 * an empty one would take mail for anybody and bounce it later.
 */
const localWants = (to: 'dovecot' | 'remote' | 'none', all: AllAnswers, facts: Facts): readonly Want[] => [
  ...(to === 'none'
    ? [
        ...mainUnset(facts, 'mailbox_transport'),
        // It would come before home_mailbox (local(8), DELIVERY METHOD); Debian sets it where procmail is installed.
        ...mainUnset(facts, 'mailbox_command'),
        ...homeWants(all, facts),
      ]
    : [main('mailbox_transport', socket)]),
  ...(settingOf(facts, 'local_recipient_maps') === '' ? mainUnset(facts, 'local_recipient_maps') : []),
];

// home_mailbox is below the home; a slash at its end means Maildir (postconf(5)). Without it mail goes to the spool, as mbox.
const homeWants = (all: AllAnswers, facts: Facts): readonly Want[] =>
  formatOf(all) === 'maildir'
    ? [main('home_mailbox', `${systemPathOf(all).replace(/^~\//, '')}/`)]
    : mainUnset(facts, 'home_mailbox');

/** Why Postfix cannot put mail where Dovecot looks for it. */
const postfixCannot = (all: AllAnswers): Text | undefined =>
  homesOf(all) === 'virtual'
    ? texts.owned
    : formatOf(all) === 'maildir' || formatOf(all) === 'mbox'
      ? undefined
      : texts.format;

const texts = {
  elsewhere: {
    en: 'The mailboxes of a gateway are on another host.',
    ja: 'ゲートウェイのメールボックスは別のホストにあります。',
  },
  here: {
    en: 'On this machine the mailboxes are its own; a gateway has them elsewhere.',
    ja: 'メールボックスはこのマシンにあります。別のホストに置くのはゲートウェイです。',
  },
  noPlace: {
    en: 'Accounts of a list have no place in the system that Postfix could deliver to.',
    ja: '一覧のアカウントには、Postfix が配送できるシステム上の場所がありません。',
  },
  owned: {
    en: 'Mail that belongs to one owner can be put there by Dovecot alone.',
    ja: '1 人の所有者のメールは Dovecot だけが配送できます。',
  },
  format: {
    en: 'Postfix can write Maildir and mbox, and no format of Dovecot’s own.',
    ja: 'Postfix が書けるのは Maildir と mbox で、Dovecot 独自の形式は書けません。',
  },
} satisfies Record<string, Text>;
