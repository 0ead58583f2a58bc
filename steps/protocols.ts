import {list, multi, select} from '../src/core/question.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {defineStep} from '../src/core/step.js';
import type {Probe} from '../src/core/probe.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {
  askedAt,
  everywhere,
  isEverywhere,
  isReadElsewhere,
  listenOf,
  listenProblem,
  listenTogether,
  socketsOf,
} from './lib/listen.js';
import {port} from './lib/ports.js';
import {hostnameOf, hasDovecot, tlsFilesOf} from './lib/read.js';

const ports = {
  imap: {plain: 143, tls: 993, tlsName: 'imaps'},
  pop3: {plain: 110, tls: 995, tlsName: 'pop3s'},
} as const;

type Service = keyof typeof ports;

/** How people read their mail. */
export const protocols = defineStep({
  id: 'protocols',
  side: 'dovecot',
  title: {en: 'Reading mail', ja: 'メールの読み方'},
  why: {
    en: 'Each open port is one more door: only those that are used are opened.',
    ja: 'ポートは出入口です。使うものだけを開きます。',
  },
  needs: ['role', 'tls'],
  owns: ['protocols', 'listen', 'listener.inet imap-login*', 'listener.inet pop3-login*', 'port:*'],
  applies: (_facts, all) => hasDovecot(all),
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
      initial: (): readonly Service[] => ['imap'],
      validate: value => (value.length === 0 ? texts.none : undefined),
    }),
    ports: select({
      ask: {en: 'Which ports are open for reading mail?', ja: 'メールを読むためにどのポートを開きますか。'},
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
    listen: list({
      ask: {
        en: 'On which of its addresses does the server let people read mail?',
        ja: 'どのアドレスでメールの読み取りを受け付けますか。',
      },
      help: {
        en: 'All is right for most: * is all of IPv4, :: all of IPv6. Else addresses of this machine; they hold for all of Dovecot’s ports.',
        ja: '通常はすべて (* は IPv4 全体、:: は IPv6 全体) です。このマシンのアドレスに限る場合、Dovecot の全ポートに適用されます。',
      },
      why: {
        en: 'Dovecot does not start where one of them is not this machine’s; the others are proved to be closed.',
        ja: 'このマシンにないアドレスがあると Dovecot は起動しません。ほかのアドレスは閉じていることを確認します。',
      },
      example: '192.0.2.10, 2001:db8::10',
      level: 'advanced',
      initial: () => [...everywhere],
      validateItem: (item, {facts}) => listenProblem(item, facts),
      validate: listenTogether,
      caution: listen => (isReadElsewhere({protocols: {listen}}) ? undefined : texts.loopback),
    }),
  },
  adopt: facts => {
    const {lists, listeners, settings} = readDovecot(facts);
    const listen = settings.listen ?? everywhere;
    const names = lists.protocols ?? [];
    const services = (['imap', 'pop3'] as const).filter(name => names.includes(name));
    const closed = services.filter(name =>
      listeners.some(entry => entry.service === `${name}-login` && entry.name === name && entry.port === 0),
    );
    return services.length === 0
      ? {}
      : {
          services,
          // A name in the place of an address, or addresses of one port alone, are the machine's own way.
          ...(listen.some(item => listenProblem(item, facts) !== undefined) ||
          listeners.some(
            ({service, addressed}) => addressed === true && /^(?:imap|pop3)-login$/.test(service),
          )
            ? {}
            : {listen}),
          // Closed for one and open for the other is the machine's own way.
          ...(closed.length === services.length
            ? {ports: 'tls-only' as const}
            : closed.length === 0
              ? {ports: 'tls-and-starttls' as const}
              : {}),
        };
  },
  plan: ({answers, all, facts}) => {
    const services: readonly Service[] = answers.services ?? ['imap'];
    const listen = listenOf(all);
    const isOpen = isReadElsewhere(all);
    const mode = answers.ports ?? 'tls-and-starttls';
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
        ...port(all, tls, on && isOpen ? 'present' : 'absent'),
        ...port(all, plain, open && isOpen ? 'present' : 'absent'),
      ];
    });
    return [
      ...each,
      // All is what Dovecot does by itself.
      ...(isEverywhere(listen) && readDovecot(facts).settings.listen === undefined
        ? []
        : [{kind: 'setting', in: 'dovecot', at: 'listen', op: 'set', value: listen} as const]),
    ];
  },
  probes: ({answers, all, platform, facts}) => {
    const name = hostnameOf(all);
    const {certificate} = tlsFilesOf(all, platform);
    const services: readonly Service[] = answers.services ?? ['imap'];
    const starttls = answers.ports !== 'tls-only';
    const open = services.flatMap(service => [
      ports[service].tls,
      ...(starttls ? [ports[service].plain] : []),
    ]);
    const closed = [143, 993, 110, 995].filter(port => !open.some(other => other === port));
    return [
      ...services
        .flatMap(service => probesOf(service, starttls, name, certificate))
        .map(probe => ({...probe, ...askedAt(all, facts)})),
      {
        section: 'protocols',
        id: 'ports',
        kind: 'ports',
        open,
        closed,
        ...(isEverywhere(listenOf(all)) ? {} : {on: socketsOf(all)}),
      },
    ];
  },
});

const probesOf = (
  service: Service,
  starttls: boolean,
  name: string,
  certificate: string,
): readonly Probe[] => {
  const {tls, plain} = ports[service];
  const section = 'protocols';
  const kind = service === 'imap' ? 'imap-login' : 'pop3-login';
  return [
    {id: `tls:${tls}`, section, kind: 'tls', port: tls, name, certificate},
    ...(starttls
      ? [
          {
            id: `tls:${plain}`,
            section,
            kind: 'tls' as const,
            port: plain,
            starttls: service,
            name,
            certificate,
          },
        ]
      : []),
    {id: `${service}:login`, section, kind, port: tls, starttls: false, name},
    ...(starttls
      ? [{id: `${service}:starttls-login`, section, kind, port: plain, starttls: true, name} as const]
      : []),
    {id: `${service}:stranger`, section, kind: 'unknown-user-refused', protocol: service, port: tls, name},
    {id: `${service}:plaintext`, section, kind: 'no-plaintext-login', protocol: service, port: plain},
  ];
};

const texts = {
  none: {
    en: 'Nobody could read mail: tick at least one.',
    ja: '誰もメールを読めなくなります。1 つ以上選んでください。',
  },
  loopback: {
    en: 'Only this machine itself can read mail then: other machines cannot reach it.',
    ja: 'このマシン自身しかメールを読めず、ほかのマシンからは接続できなくなります。',
  },
} satisfies Record<string, Text>;
