import {multi, select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Want} from '../src/core/want.js';
import {hostnameOf, isServer, tlsFilesOf} from './lib/read.js';

const ports = {
  imap: {plain: 143, tls: 993, tlsName: 'imaps'},
  pop3: {plain: 110, tls: 995, tlsName: 'pop3s'},
} as const;

/** How people read their mail. */
export const protocols = defineStep({
  id: 'protocols',
  title: {en: 'Reading mail', ja: 'メールの読み方'},
  why: {
    en: 'Each open port is one more door: only those that are used are opened.',
    ja: 'ポートは出入口です。使うものだけを開きます。',
  },
  needs: ['role', 'tls'],
  owns: ['protocols', 'listener.inet imap-login*', 'listener.inet pop3-login*', 'port:*'],
  applies: (_facts, all) => isServer(all),
  questions: {
    services: multi({
      ask: {en: 'How do people read their mail?', ja: 'どの方法でメールを読みますか。'},
      help: {
        en: 'IMAP keeps mail on the server, for several devices; POP3 takes it away.',
        ja: 'IMAP はサーバーに残して複数の機器で読み、POP3 は手元に取り出します。',
      },
      why: {
        en: 'What is not asked for is closed, in Dovecot and in the firewall.',
        ja: '選ばなかったものは Dovecot でもファイアウォールでも閉じます。',
      },
      level: 'basic',
      choices: [
        {value: 'imap', label: {en: 'IMAP', ja: 'IMAP'}},
        {value: 'pop3', label: {en: 'POP3', ja: 'POP3'}},
      ],
      initial: () => ['imap'],
      validate: value =>
        value.includes('imap')
          ? undefined
          : {
              en: 'IMAP is needed: the proof reads the test message with it.',
              ja: '確認用メールの読み取りに IMAP が必要です。',
            },
    }),
    ports: select({
      ask: {en: 'Which ports are open for that?', ja: 'どのポートを開きますか。'},
      help: {
        en: 'TLS from the first byte (993, 995), or also the old ports that switch to TLS (143, 110).',
        ja: '最初から TLS のポート (993、995) だけか、後から TLS に切り替える旧ポート (143、110) も開くかです。',
      },
      why: {
        en: 'RFC 8314 advises TLS from the first byte.',
        ja: 'RFC 8314 は最初からの TLS を推奨しています。',
      },
      level: 'advanced',
      choices: [
        {value: 'tls-only', label: {en: 'TLS ports only', ja: 'TLS ポートのみ'}},
        {value: 'tls-and-starttls', label: {en: 'TLS ports and STARTTLS', ja: 'TLS ポートと STARTTLS'}},
      ],
      initial: () => 'tls-and-starttls',
    }),
  },
  adopt: ({listeners}) => ({
    services: listeners.some(({port}) => port === 995) ? ['imap', 'pop3'] : ['imap'],
    ports: listeners.some(({port}) => port === 143) ? 'tls-and-starttls' : 'tls-only',
  }),
  plan: ({answers: {services = ['imap'], ports: mode = 'tls-and-starttls'}}) => {
    const each = (['imap', 'pop3'] as const).flatMap((service): readonly Want[] => {
      const on = services.includes(service);
      const {plain, tls, tlsName} = ports[service];
      const open = on && mode === 'tls-and-starttls';
      return [
        {kind: 'item', in: 'dovecot', at: 'protocols', value: service, state: on ? 'present' : 'absent'},
        // A service that is not installed has no listeners to set.
        ...(on
          ? ([
              {
                kind: 'block',
                in: 'dovecot',
                at: 'listener.inet',
                value: {service: `${service}-login`, name: service, port: open ? plain : 0},
                state: 'present',
              },
              {
                kind: 'block',
                in: 'dovecot',
                at: 'listener.inet',
                value: {service: `${service}-login`, name: tlsName, port: tls, tls: true},
                state: 'present',
              },
            ] as const)
          : []),
        {kind: 'port', port: tls, protocol: 'tcp', state: on ? 'present' : 'absent'},
        {kind: 'port', port: plain, protocol: 'tcp', state: open ? 'present' : 'absent'},
      ];
    });
    return each;
  },
  probes: ({answers: {services = ['imap'], ports: mode = 'tls-and-starttls'}, all}) => {
    const name = hostnameOf(all);
    const {certificate} = tlsFilesOf(all);
    const starttls = mode === 'tls-and-starttls';
    const common = {section: 'protocols', name};
    const open = services.flatMap(service => [
      ports[service].tls,
      ...(starttls ? [ports[service].plain] : []),
    ]);
    return [
      ...services.flatMap(service => [
        {
          ...common,
          id: `tls:${ports[service].tls}`,
          kind: 'tls' as const,
          port: ports[service].tls,
          certificate,
        },
        ...(starttls
          ? [
              {
                ...common,
                id: `tls:${ports[service].plain}`,
                kind: 'tls' as const,
                port: ports[service].plain,
                starttls: service,
                certificate,
              },
            ]
          : []),
        {
          ...common,
          id: `${service}:login`,
          kind: service === 'imap' ? ('imap-login' as const) : ('pop3-login' as const),
          port: ports[service].tls,
          starttls: false,
        },
        {
          ...common,
          id: `${service}:stranger`,
          kind: 'unknown-user-refused' as const,
          protocol: service,
          port: ports[service].tls,
        },
        {
          section: 'protocols',
          id: `${service}:plaintext`,
          kind: 'no-plaintext-login' as const,
          protocol: service,
          port: ports[service].plain,
        },
      ]),
      {
        section: 'protocols',
        id: 'ports',
        kind: 'ports',
        open,
        closed: [143, 993, 110, 995].filter(port => !open.some(other => other === port)),
      },
    ];
  },
});
