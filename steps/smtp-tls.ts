import {number, select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Facts} from '../src/core/facts.js';
import type {Platform} from '../src/core/platform.js';
import type {AllAnswers} from '../src/core/question.js';
import type {Want} from '../src/core/want.js';
import {isAtLeast, main, mainUnset, settingOf} from './lib/postfix.js';
import {answer, hostnameOf, hasPostfix, isServer, tlsFilesOf} from './lib/read.js';

/** TLS between mail servers. On port 25 it stays optional: others could not deliver otherwise. */
export const smtpTls = defineStep({
  id: 'smtp-tls',
  side: 'postfix',
  title: {en: 'TLS between servers', ja: 'サーバー間の TLS'},
  why: {
    en: 'Mail on its way to other servers is encrypted wherever they can.',
    ja: '相手が対応していれば、配送中のメールを暗号化します。',
  },
  needs: ['tls', 'relay'],
  owns: [
    'main.cf:smtpd_tls_*',
    'main.cf:smtp_tls_*',
    'main.cf:smtp_dns_support_level',
    'main.cf:smtpd_use_tls',
    'main.cf:smtp_use_tls',
    'main.cf:smtpd_enforce_tls',
    'main.cf:smtp_enforce_tls',
  ],
  applies: (_facts, all) => hasPostfix(all),
  questions: {
    inbound: select({
      ask: {
        en: 'Must other servers encrypt the mail they bring?',
        ja: 'ほかのサーバーからの受信に暗号化を必須としますか。',
      },
      help: {
        en: 'When they can is right for every server that the world sends to. Old advice names smtpd_use_tls: that setting is dead.',
        ja: '一般のサーバーでは「可能なら」にします。古い資料の smtpd_use_tls は廃止された設定です。',
      },
      why: {
        en: 'A public server that insists loses the mail of those who cannot (RFC 3207).',
        ja: '公開サーバーで必須にすると、対応しない相手のメールが届きません (RFC 3207)。',
      },
      level: 'advanced',
      when: ({answers}) => isServer(answers),
      choices: [
        {value: 'may', label: {en: 'When they can', ja: '可能なら'}},
        {value: 'encrypt', label: {en: 'Always', ja: '必須'}},
      ],
      initial: () => 'may',
      caution: (value, {answers}) =>
        value === 'encrypt' && answer(answers, 'smtp', 'interfaces') !== 'loopback'
          ? {
              en: 'Only right where this server is in no MX record: senders without TLS are turned away.',
              ja: 'MX レコードに載らないサーバーでのみ適切です。TLS 非対応の送信元を拒否します。',
            }
          : undefined,
    }),
    outbound: select({
      ask: {
        en: 'How strict is it towards other servers?',
        ja: 'ほかのサーバーへの送信をどこまで厳しくしますか。',
      },
      help: {
        en: 'Opportunistic encrypts where it can. DANE also verifies, where DNS says so (needs a validating resolver on this machine).',
        ja: '「可能なら」は対応時に暗号化します。DANE は DNS の情報で検証もします (このマシンに検証付きリゾルバーが必要)。',
      },
      why: {en: 'Too strict, and some mail is not delivered.', ja: '厳しすぎると届かないメールが出ます。'},
      level: 'advanced',
      when: ({answers}) => wayOut(answers) === 'open',
      choices: [
        {value: 'may', label: {en: 'Opportunistic', ja: '可能なら暗号化'}},
        {value: 'dane', label: {en: 'DANE', ja: 'DANE'}},
      ],
      initial: () => 'may',
      caution: value =>
        value === 'dane'
          ? {
              en: 'Without a resolver on 127.0.0.1 that checks DNSSEC, DANE protects nothing.',
              ja: '127.0.0.1 に DNSSEC を検証するリゾルバーがなければ、DANE は機能しません。',
            }
          : undefined,
    }),
    log_level: number({
      ask: {en: 'How much about TLS is logged?', ja: 'TLS についてどこまで記録しますか。'},
      help: {
        en: '0 nothing, 1 a line for each connection, 2 also the handshake.',
        ja: '0 はなし、1 は接続ごとに 1 行、2 はハンドシェイクも記録します。',
      },
      why: {
        en: 'The line tells which mail went out encrypted.',
        ja: 'どのメールが暗号化されたかを後で確認できます。',
      },
      level: 'advanced',
      min: 0,
      max: 2,
      initial: () => 1,
    }),
  },
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const inbound = (['may', 'encrypt'] as const).find(
      level => level === settingOf(facts, 'smtpd_tls_security_level'),
    );
    const outbound = (['may', 'dane'] as const).find(
      level => level === settingOf(facts, 'smtp_tls_security_level'),
    );
    const level = Number(settingOf(facts, 'smtpd_tls_loglevel') ?? 0);
    return {
      ...(inbound === undefined ? {} : {inbound}),
      ...(outbound === undefined ? {} : {outbound}),
      log_level: level >= 0 && level <= 2 ? level : 2,
    };
  },
  plan: ({answers: {inbound = 'may', outbound = 'may', log_level: level = 1}, all, facts, platform}) => {
    const relay = wayOut(all);
    return [
      ...(isServer(all) ? inboundWants(inbound, level, all, facts, platform) : []),
      main('smtp_tls_security_level', relay === 'open' ? outbound : relay === 'plain' ? 'may' : 'encrypt'),
      ...(relay === 'wrapper'
        ? [main('smtp_tls_wrappermode', 'yes')]
        : mainUnset(facts, 'smtp_tls_wrappermode')),
      main('smtp_tls_loglevel', String(level)),
      // Which authorities outbound connections believe; what the machine has already is as good.
      ...(settingOf(facts, 'smtp_tls_CAfile') === undefined &&
      settingOf(facts, 'smtp_tls_CApath') === undefined
        ? [main('smtp_tls_CAfile', platform.paths.caBundle)]
        : []),
      ...(relay === 'open' && outbound === 'dane'
        ? [main('smtp_dns_support_level', 'dnssec')]
        : settingOf(facts, 'smtp_dns_support_level') === 'dnssec'
          ? mainUnset(facts, 'smtp_dns_support_level')
          : []),
      ...['smtp_use_tls', 'smtp_enforce_tls'].flatMap(name => mainUnset(facts, name)),
    ];
  },
  probes: ({all, platform}) =>
    isServer(all)
      ? [
          {
            id: 'tls:25',
            section: 'smtp-tls',
            kind: 'tls',
            port: 25,
            starttls: 'smtp',
            name: hostnameOf(all),
            certificate: tlsFilesOf(all, platform).certificate,
          },
        ]
      : [],
});

/** How mail leaves, as far as TLS goes: to anybody, or through one relay. A relay that is logged in to is never spoken to in clear. */
const wayOut = (all: AllAnswers): 'open' | 'starttls' | 'wrapper' | 'plain' => {
  if (answer(all, 'relay', 'how') !== 'smarthost') {
    return 'open';
  }

  const tls = answer<'starttls' | 'wrapper' | 'none'>(all, 'relay', 'tls') ?? 'starttls';
  return tls === 'none' ? 'plain' : tls;
};

const inboundWants = (
  inbound: 'may' | 'encrypt',
  level: number,
  all: AllAnswers,
  facts: Facts,
  platform: Platform,
): readonly Want[] => {
  const {certificate, key} = tlsFilesOf(all, platform);
  const floor = answer<string>(all, 'tls', 'min_protocol') ?? 'TLSv1.2';
  return [
    ...certificateWants(certificate, key, facts),
    main('smtpd_tls_security_level', inbound),
    main('smtpd_tls_auth_only', 'yes'),
    // Other servers may be old, people's programs are not: the floor that was asked for holds where TLS is a must.
    main('smtpd_tls_protocols', protocolsFrom('TLSv1.2', facts)),
    main('smtpd_tls_mandatory_protocols', protocolsFrom(floor, facts)),
    main('smtpd_tls_loglevel', String(level)),
    ...['smtpd_use_tls', 'smtpd_enforce_tls'].flatMap(name => mainUnset(facts, name)),
  ];
};

// postconf(5): smtpd_tls_chain_files (3.4) overrides all of the older pairs where it is set.
const certificateWants = (certificate: string, key: string, facts: Facts): readonly Want[] => {
  const chain = settingOf(facts, 'smtpd_tls_chain_files');
  if (chain !== undefined && chain !== '') {
    const isOurs = chain.split(/[\s,]+/).every(file => file === certificate || file === key);
    return isOurs ? [] : [main('smtpd_tls_chain_files', `${key}, ${certificate}`)];
  }

  const others = ['eccert', 'eckey', 'dcert', 'dkey'].map(kind => `smtpd_tls_${kind}_file`);
  return [
    main('smtpd_tls_cert_file', certificate),
    main('smtpd_tls_key_file', key),
    // A second certificate of another kind would be shown to some clients in place of ours.
    ...others.flatMap(name => mainUnset(facts, name)),
  ];
};

// `>=` came with Postfix 3.6; before, what is not wanted was named.
const protocolsFrom = (floor: string, facts: Facts) =>
  isAtLeast(facts, '3.6')
    ? `>=${floor}`
    : ['!SSLv2', '!SSLv3', '!TLSv1', '!TLSv1.1', ...(floor === 'TLSv1.3' ? ['!TLSv1.2'] : [])].join(', ');
