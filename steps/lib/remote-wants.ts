import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Row, Want} from '../../src/core/want.js';
import {
  isAtLeast,
  itemsOf,
  main,
  mainUnset,
  mapItem,
  mapTypeOf,
  postfixPath,
  settingOf,
  tableRow,
} from './postfix.js';
import {answer, domainsOf} from './read.js';
import {asksRemote, recipientsThere, type Remote} from './remote-dovecot.js';
import {listWants as restrictionWants} from './restrictions.js';

/** `lmtp:inet:host:port`; an address of IPv6 stands in brackets. */
export const transportTo = ({host, port}: Remote) =>
  `lmtp:inet:${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Mail of the domains is handed to another host, over TLS with a certificate that is verified. By itself Postfix speaks LMTP in
 * clear (postconf(5), lmtp_tls_security_level), and verifies nobody.
 */
export const remoteWants = (remote: Remote, all: AllAnswers, facts: Facts): readonly Want[] => [
  main('virtual_mailbox_domains', domainsOf(all).join(', ')),
  main('virtual_transport', transportTo(remote)),
  main('lmtp_tls_security_level', 'verify'),
  main('lmtp_tls_verify_cert_match', 'hostname'),
  main(
    'lmtp_tls_mandatory_protocols',
    isAtLeast(facts, '3.6') ? '>=TLSv1.2' : '!SSLv2, !SSLv3, !TLSv1, !TLSv1.1',
  ),
  main('lmtp_tls_CAfile', remote.ca),
  main('lmtp_tls_loglevel', '1'),
  // By itself Postfix asks DNS alone, and what only hosts(5) knows does not exist: all mail would bounce (seen).
  main('lmtp_host_lookup', 'dns, native'),
  ...(remote.tls === 'wrapper'
    ? [main('lmtp_tls_wrappermode', 'yes')]
    : mainUnset(facts, 'lmtp_tls_wrappermode')),
  ...(asksRemote(all) ? askingWants(facts) : listWants(all, facts)),
];

const restrictions = 'smtpd_recipient_restrictions';

// How they are answered, and for how long an answer holds.
const asking: Readonly<Record<string, string>> = {
  unverified_recipient_reject_code: '550',
  // It is said too while the answer is not there yet; the other host's own words would tell strangers its address.
  unverified_recipient_reject_reason: 'Address lookup failed',
  // Who left is forgotten within the hour (a week by default: their mail would bounce), who is new known within minutes.
  address_verify_positive_refresh_time: '1h',
  address_verify_positive_expire_time: '1d',
  address_verify_negative_refresh_time: '5m',
};

// Nobody is asked any more; what somebody set in their own way stays.
const askedWants = (facts: Facts): readonly Want[] =>
  Object.entries(asking).flatMap(([name, value]) =>
    settingOf(facts, name) === value ? mainUnset(facts, name) : [],
  );

/**
 * Each recipient is looked up at the other host before it is accepted (ADDRESS_VERIFICATION_README). Who may relay is let by first:
 * the addresses that they write to are of the whole world, and no business of ours. 550 is not the default: by itself
 * Postfix only puts the sender off (unverified_recipient_reject_code). A host that does not answer puts off too, and loses nothing.
 */
const askingWants = (facts: Facts): readonly Want[] => [
  ...restrictionWants(facts, restrictions, {
    wanted: ['reject_unauth_destination', 'reject_unverified_recipient'],
    unwanted: [],
  }),
  ...Object.entries(asking).map(([name, value]) => main(name, value)),
  ...(tableIsUsed(facts)
    ? [
        {
          kind: 'item',
          in: 'main.cf',
          at: 'virtual_mailbox_maps',
          value: tableOf(facts),
          state: 'absent',
        } as const,
      ]
    : []),
];

const listWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const file = postfixPath(facts, 'vmailbox');
  const recipients = answer<readonly string[]>(all, 'delivery', 'recipients') ?? [];
  const gone: readonly Row[] = recipientsThere(facts)
    .filter(address => !recipients.includes(address) && domainsOf(all).includes(domainOf(address)))
    .map(key => ({key, state: 'absent'}));
  return [
    mapItem(facts, 'virtual_mailbox_maps', file),
    {
      kind: 'rows',
      file,
      format: 'table',
      ownership: {owner: 'root', group: 'root', mode: 0o644},
      compile: mapTypeOf(facts, 'virtual_mailbox_maps', file),
      rows: [...recipients.map(address => tableRow(address, address)), ...gone],
    },
    ...(itemsOf(facts, restrictions).includes('reject_unverified_recipient')
      ? [
          {
            kind: 'item',
            in: 'main.cf',
            at: restrictions,
            value: 'reject_unverified_recipient',
            state: 'absent',
          } as const,
          ...askedWants(facts),
        ]
      : []),
  ];
};

/** A host that keeps its mailboxes itself verifies nobody over the network: what a gateway had is taken away. */
export const noRemoteWants = (facts: Facts): readonly Want[] =>
  settingOf(facts, 'lmtp_tls_security_level') === undefined || !isRemoteNow(facts)
    ? []
    : [
        ...askedWants(facts),
        ...[
          'lmtp_tls_security_level',
          'lmtp_tls_verify_cert_match',
          'lmtp_tls_mandatory_protocols',
          'lmtp_tls_CAfile',
          'lmtp_tls_wrappermode',
          'lmtp_tls_loglevel',
          'lmtp_host_lookup',
        ].flatMap(name => mainUnset(facts, name)),
      ];

const isRemoteNow = (facts: Facts) => (settingOf(facts, 'virtual_transport') ?? '').startsWith('lmtp:inet:');

const tableOf = (facts: Facts) => {
  const file = postfixPath(facts, 'vmailbox');
  return `${mapTypeOf(facts, 'virtual_mailbox_maps', file)}:${file}`;
};

const tableIsUsed = (facts: Facts) => itemsOf(facts, 'virtual_mailbox_maps').includes(tableOf(facts));

const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);
