import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {domainClassOf} from './people.js';
import {adminOf} from './role-mail.js';
import {
  answer,
  domainsOf,
  hasDovecot,
  hasManageSieve,
  hostnameOf,
  isServer,
  isTlsOnly,
  servicesOf,
  submissionPortsOf,
} from './read.js';

/** One way to read or send, as the dialogue of a mail program asks for it. */
export type ClientSetting = {
  readonly purpose: Text;
  readonly protocol: 'IMAP' | 'POP3' | 'SMTP' | 'ManageSieve';
  readonly server: string;
  readonly port: number;
  readonly security: 'SSL/TLS' | 'STARTTLS';
  readonly userName: Text;
  /** The one to choose where several lead to the same. */
  readonly preferred: boolean;
};

/** A record to publish, as it stands in a zone file; `why` says what it is good for. */
export type DnsRecord = {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'MX' | 'TXT' | 'SRV' | 'PTR' | 'TLSA';
  readonly value: string;
  readonly why: Text;
};

/** The table to give to users. Empty where nobody reads or sends mail here. */
export const clientSettings = (all: AllAnswers): readonly ClientSetting[] => {
  const common = {
    server: hostnameOf(all),
    userName: domainClassOf(all) === 'virtual' ? texts.address : texts.name,
  };
  const ports = {imap: [993, 143], pop3: [995, 110]} as const;
  const reading = (hasDovecot(all) ? servicesOf(all) : []).flatMap(service => {
    const [tls, plain] = ports[service];
    const protocol = service === 'imap' ? ('IMAP' as const) : ('POP3' as const);
    return [
      {
        ...common,
        purpose: texts.read,
        protocol,
        port: tls,
        security: 'SSL/TLS' as const,
        preferred: service === 'imap',
      },
      ...(isTlsOnly(all)
        ? []
        : [
            {
              ...common,
              purpose: texts.read,
              protocol,
              port: plain,
              security: 'STARTTLS' as const,
              preferred: false,
            },
          ]),
    ];
  });
  const sending = [...submissionPortsOf(all)].sort().map((port, index) => ({
    ...common,
    purpose: texts.send,
    protocol: 'SMTP' as const,
    port: Number(port),
    security: port === '465' ? ('SSL/TLS' as const) : ('STARTTLS' as const),
    preferred: index === 0,
  }));
  const sorting = hasManageSieve(all)
    ? [
        {
          ...common,
          purpose: texts.sort,
          protocol: 'ManageSieve' as const,
          port: 4190,
          security: 'STARTTLS' as const,
          preferred: true,
        },
      ]
    : [];
  return [...reading, ...sending, ...sorting];
};

/**
 * What to publish so that others find this server and trust its mail. `publicKeyDigest`: SHA-256 of the certificate's
 * public key in hex, for TLSA (RFC 7671); without it that record is left out.
 */
export const dnsRecords = (
  all: AllAnswers,
  {host}: Pick<Facts, 'host'>,
  publicKeyDigest?: string,
): readonly DnsRecord[] => {
  const hostname = hostnameOf(all);
  if (!isServer(all) || hostname === '') {
    return [];
  }

  const addresses = host.addresses.map(value => ({
    name: `${hostname}.`,
    type: value.includes(':') ? ('AAAA' as const) : ('A' as const),
    value,
    why: texts.forward,
  }));
  const pointers = host.addresses.map(name => ({
    name,
    type: 'PTR' as const,
    value: `${hostname}.`,
    why: texts.reverse,
  }));
  const tlsa =
    publicKeyDigest === undefined
      ? []
      : [
          {
            name: `_25._tcp.${hostname}.`,
            type: 'TLSA' as const,
            value: `3 1 1 ${publicKeyDigest}`,
            why: texts.tlsa,
          },
        ];
  return [
    ...addresses,
    ...pointers,
    ...domainsOf(all).flatMap(domain => domainRecords(domain, all)),
    ...tlsa,
  ];
};

const domainRecords = (domain: string, all: AllAnswers): readonly DnsRecord[] => {
  const hostname = hostnameOf(all);
  const relay =
    answer<string>(all, 'relay', 'how') === 'smarthost' ? answer<string>(all, 'relay', 'host') : undefined;
  const admin = adminOf(all);
  const services = [
    ...servicesOf(all).map(service =>
      service === 'imap' ? (['imaps', 993] as const) : (['pop3s', 995] as const),
    ),
    ...submissionPortsOf(all).map(port =>
      port === '465' ? (['submissions', 465] as const) : (['submission', 587] as const),
    ),
    // RFC 5804, 1.8.
    ...(hasManageSieve(all) ? ([['sieve', 4190]] as const) : []),
  ];
  return [
    {name: `${domain}.`, type: 'MX', value: `10 ${hostname}.`, why: texts.mx},
    {
      name: `${domain}.`,
      type: 'TXT',
      // Mail that leaves by a relay comes from addresses that only its operator knows.
      value: relay === undefined ? '"v=spf1 mx -all"' : '"v=spf1 mx ~all"',
      why: relay === undefined ? texts.spf : fill(texts.spfRelay, {relay}),
    },
    {
      name: `_dmarc.${domain}.`,
      type: 'TXT',
      value: `"v=DMARC1; p=none${admin === undefined ? '' : `; rua=mailto:${admin}`}"`,
      why: texts.dmarc,
    },
    ...services.map(([service, port]) => ({
      name: `_${service}._tcp.${domain}.`,
      type: 'SRV' as const,
      value: `0 1 ${port} ${hostname}.`,
      why: texts.srv,
    })),
  ];
};

const texts = {
  read: {en: 'Reading mail', ja: '受信'},
  send: {en: 'Sending mail', ja: '送信'},
  sort: {en: 'Rules on the server', ja: '振り分け規則'},
  address: {en: 'the whole mail address', ja: 'メールアドレス全体'},
  name: {en: 'the name of the account on the server', ja: 'サーバーのアカウント名'},
  forward: {en: 'The name leads to this server.', ja: '名前からこのサーバーに到達します。'},
  reverse: {
    en: 'Ask whoever gave you the address: it must point back to the name.',
    ja: 'アドレスの提供元に依頼し、アドレスから名前が引けるようにします。',
  },
  mx: {en: 'Mail for the domain comes here.', ja: 'ドメイン宛のメールがここに届きます。'},
  spf: {en: 'Only this server sends for the domain.', ja: 'このサーバーだけがドメインから送信します。'},
  spfRelay: {
    en: 'Put the include that the operator of {relay} names between mx and ~all.',
    ja: '{relay} の管理者が示す include を mx と ~all の間に書きます。',
  },
  dmarc: {
    en: 'Reports of mail in your name; make the policy stricter once they are clean.',
    ja: '自ドメイン名義のメールの報告を受けます。問題がなければ厳しくします。',
  },
  srv: {
    en: 'Mail programs find the server by themselves (RFC 6186).',
    ja: 'メールソフトがサーバーを自動で見つけます (RFC 6186)。',
  },
  tlsa: {
    en: 'Servers with DANE verify the certificate; only in a zone that is signed.',
    ja: 'DANE 対応サーバーが証明書を検証します。署名されたゾーンでのみ有効です。',
  },
} satisfies Record<string, Text>;
