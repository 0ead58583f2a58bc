import {multi} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Facts} from '../src/core/facts.js';
import type {Want} from '../src/core/want.js';
import {hostnameOf, isServer, tlsFilesOf} from './lib/read.js';

/** How people send: after a login, over TLS, in their own name. On port 25 nobody can log in. */
export const submission = defineStep({
  id: 'submission',
  title: {en: 'Sending mail', ja: 'メールの送信'},
  why: {en: 'Only who has logged in may send to the world.', ja: 'ログインした人だけが外部に送信できます。'},
  needs: ['tls', 'auth-passwdfile', 'smtp'],
  owns: [
    'master:submission/inet',
    'master:submissions/inet',
    'master:smtps/inet',
    'main.cf:smtpd_sender_login_maps',
    'listener.unix auth*',
    'port:587',
    'port:465',
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
    ports: multi({
      ask: {en: 'On which ports do people send?', ja: 'どのポートで送信しますか。'},
      help: {
        en: '465 is TLS from the first byte; 587 switches to TLS. Mail programs know both.',
        ja: '465 は最初から TLS、587 は後から TLS に切り替えます。メールソフトは両方に対応しています。',
      },
      why: {
        en: 'Neither takes a password without TLS.',
        ja: 'どちらも TLS なしではパスワードを受け付けません。',
      },
      level: 'advanced',
      choices: [
        {value: '587', label: {en: '587, STARTTLS', ja: '587 (STARTTLS)'}},
        {value: '465', label: {en: '465, TLS', ja: '465 (TLS)'}},
      ],
      initial: () => ['587', '465'],
    }),
  },
  adopt: ({postfix}) => ({
    ports: [
      ...(postfix?.services.some(({name}) => name === 'submission') ? ['587' as const] : []),
      ...(postfix?.services.some(({name}) => name === 'submissions' || name === 'smtps')
        ? ['465' as const]
        : []),
    ],
  }),
  plan: ({answers: {ports = ['587', '465']}, facts}) => {
    const map = facts.postfix?.mapType ?? 'hash';
    const entry = (name: string, port: 587 | 465, on: boolean): readonly Want[] => [
      on
        ? {
            kind: 'master',
            name,
            type: 'inet',
            state: 'present',
            columns: {
              private: 'n',
              unpriv: '-',
              chroot: chrootOf(facts),
              wakeup: '-',
              maxproc: '-',
              command: 'smtpd',
            },
            options: optionsOf(name, port === 465),
          }
        : {kind: 'master', name, type: 'inet', state: 'absent'},
      {kind: 'port', port, protocol: 'tcp', state: on ? 'present' : 'absent'},
    ];
    return [
      {
        kind: 'block',
        in: 'dovecot',
        at: 'listener.unix',
        value: {
          service: 'auth',
          path: '/var/spool/postfix/private/auth',
          mode: '0660',
          user: 'postfix',
          group: 'postfix',
        },
        state: 'present',
      },
      // Aliases too: who reads mail for postmaster may answer as postmaster.
      {
        kind: 'setting',
        in: 'main.cf',
        at: 'smtpd_sender_login_maps',
        op: 'set',
        value: `${map}:/etc/postfix/vmailbox, ${map}:/etc/postfix/virtual`,
      },
      ...entry('submission', 587, ports.includes('587')),
      ...entry('submissions', 465, ports.includes('465')),
    ];
  },
  probes: ({answers: {ports = ['587', '465']}, all}) => {
    const name = hostnameOf(all);
    const {certificate} = tlsFilesOf(all);
    const common = {section: 'submission', name};
    const tls = (port: number) => (port === 465 ? ('wrapper' as const) : ('starttls' as const));
    const numbers = ports.map(Number);
    return [
      ...numbers.flatMap(port => [
        {
          ...common,
          id: `submission:${port}:tls`,
          kind: 'tls' as const,
          port,
          certificate,
          ...(port === 587 ? {starttls: 'smtp' as const} : {}),
        },
        {...common, id: `submission:${port}:login`, kind: 'submission-login' as const, port, tls: tls(port)},
        {
          ...common,
          id: `submission:${port}:stranger`,
          kind: 'unknown-user-refused' as const,
          protocol: 'submission' as const,
          port,
        },
      ]),
      ...(numbers.includes(587)
        ? [
            {
              section: 'submission',
              id: 'submission:587:relay',
              kind: 'relay-refused' as const,
              port: 587,
              domains: [name],
            },
          ]
        : []),
      ...(numbers[0] === undefined
        ? []
        : [
            {
              ...common,
              id: 'round-trip',
              kind: 'round-trip' as const,
              submit: {port: numbers[0], tls: tls(numbers[0])},
              imap: {port: 993, starttls: false},
            },
          ]),
    ];
  },
});

// The machine's own smtp entry says whether Postfix's daemons are chrooted here.
const chrootOf = (facts: Facts) =>
  facts.postfix?.services.find(({name, type}) => name === 'smtp' && type === 'inet')?.columns.chroot ?? '-';

const optionsOf = (name: string, wrapper: boolean): Readonly<Record<string, string>> => ({
  syslog_name: `postfix/${name}`,
  ...(wrapper ? {smtpd_tls_wrappermode: 'yes'} : {smtpd_tls_security_level: 'encrypt'}),
  smtpd_tls_auth_only: 'yes',
  smtpd_sasl_auth_enable: 'yes',
  smtpd_sasl_type: 'dovecot',
  smtpd_sasl_path: 'private/auth',
  smtpd_sasl_security_options: 'noanonymous',
  smtpd_client_restrictions: 'permit_sasl_authenticated,reject',
  smtpd_sender_restrictions: 'reject_sender_login_mismatch',
  smtpd_relay_restrictions: 'permit_sasl_authenticated,reject',
  smtpd_recipient_restrictions: '',
  milter_macro_daemon_name: 'ORIGINATING',
});
