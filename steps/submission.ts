import {multi, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {saslUnit} from '../src/core/sasl-files.js';
import type {Facts} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import {queueDirectoryOf, settingOf} from './lib/postfix.js';
import {isServer, loginOf, submissionPortsOf} from './lib/read.js';
import {cyrusGone, cyrusWants, saslName} from './lib/cyrus.js';
import {loginQuestions} from './lib/login-questions.js';
import {submissionProbes} from './lib/submission-probes.js';
import {
  entryWants,
  loginPath,
  loginThere,
  senderLoginWants,
  starttlsServiceOf,
  tlsServiceOf,
} from './lib/submission-wants.js';

/** How people send: after a login, over TLS, in their own name. On port 25 nobody can log in. */
export const submission = defineStep({
  id: 'submission',
  side: 'postfix',
  title: {en: 'Sending mail', ja: 'メールの送信'},
  why: {en: 'Only who has logged in may send to the world.', ja: 'ログインした人だけが外部に送信できます。'},
  needs: ['tls', 'auth-passwdfile', 'auth-sql', 'auth-pam', 'smtp', 'delivery'],
  owns: [
    'master:submission/inet',
    'master:submissions/inet',
    'master:smtps/inet',
    'master:587/inet',
    'master:465/inet',
    'main.cf:smtpd_sender_login_maps',
    'listener.unix auth*',
    `unit:${saslUnit}`,
    `path:/etc/systemd/system/${saslUnit}`,
    'port:587',
    'port:465',
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
    ...loginQuestions,
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
      when: ({answers}) => loginOf(answers) !== 'none',
      choices: [
        {value: '587', label: {en: '587, STARTTLS', ja: '587 (STARTTLS)'}},
        {value: '465', label: {en: '465, TLS', ja: '465 (TLS)'}},
      ],
      initial: () => ['587', '465'],
      validate: ports =>
        ports.length === 0
          ? {en: 'People need at least one port to send by.', ja: '送信用のポートが 1 つ以上必要です。'}
          : undefined,
    }),
    sender_must_match: yesNo({
      ask: {
        en: 'May people send only under their own addresses?',
        ja: '利用者の差出人を自分のアドレスに限りますか。',
      },
      help: {
        en: 'Their own address, and those of the roles that they read. Old advice turns this on without the table of owners: then nobody can send.',
        ja: '自分のアドレスと、自分が読む役割のアドレスです。古い資料のように所有者の表なしで有効にすると、誰も送信できません。',
      },
      why: {
        en: 'A stolen password cannot be used to write in the name of somebody else here.',
        ja: 'パスワードが盗まれても、ほかの利用者を名乗れません。',
      },
      level: 'advanced',
      when: ({answers}) => loginOf(answers) !== 'none',
      initial: () => true,
    }),
  },
  packages: ({all}) => (loginOf(all) === 'cyrus' ? ['saslauthd', 'sasl-mechanisms'] : []),
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const entries = entriesOf(facts);
    const login = loginThere(facts);
    if ('login' in login && login.login === 'none') {
      return login;
    }

    return {
      ...login,
      ports: [
        ...(entries.some(({name}) => name === 'submission' || name === '587') ? ['587' as const] : []),
        ...(entries.some(({name}) => name !== 'submission' && name !== '587') ? ['465' as const] : []),
      ],
      sender_must_match: entries.some(({options}) =>
        /reject_(?:authenticated_)?sender_login_mismatch/.test(
          options['smtpd_sender_restrictions'] ?? settingOf(facts, 'smtpd_sender_restrictions') ?? '',
        ),
      ),
    };
  },
  plan: ({answers: {sender_must_match: mustMatch = true, ...answers}, all, facts, platform}) => {
    const ports = submissionPortsOf(all);
    const {login_host: host = '', login_port: port = 12_345} = answers;
    const path = loginOf(all) === 'tcp' ? loginPath(host, port) : 'private/auth';
    const cyrus = loginOf(all) === 'cyrus';
    const context = {all, facts, platform, mustMatch, path: cyrus ? saslName : path, cyrus};
    return [
      ...(loginOf(all) === 'socket'
        ? [
            {
              kind: 'block',
              in: 'dovecot',
              at: 'listener.unix',
              value: {
                service: 'auth',
                path: `${queueDirectoryOf(facts)}/private/auth`,
                mode: '0660',
                user: 'postfix',
                group: 'postfix',
              },
              state: 'present',
            } as const,
          ]
        : []),
      ...(cyrus ? cyrusWants(facts, platform) : cyrusGone(facts)),
      ...(mustMatch && ports.length > 0 ? senderLoginWants(all, facts) : []),
      ...entryWants(starttlsServiceOf(facts), 587, ports.includes('587') ? 'present' : 'absent', context),
      ...entryWants(
        tlsServiceOf(facts, platform),
        465,
        ports.includes('465') ? 'present' : 'absent',
        context,
      ),
    ];
  },
  probes: ({all, facts, platform}) => submissionProbes(all, facts, platform),
  notes: ({facts}): readonly Finding[] =>
    facts.configured.postfix && settingOf(facts, 'smtpd_sasl_auth_enable') === 'yes'
      ? [
          {
            id: 'submission:auth-on-25',
            section: 'submission',
            severity: 'warning',
            summary: {
              en: 'This server takes passwords on port 25 too.',
              ja: 'このサーバーはポート 25 でもパスワードを受け付けます。',
            },
            remedy: {
              en: 'Look in the mail log who logs in there; once nobody does, take smtpd_sasl_auth_enable out of main.cf.',
              ja: 'そこでログインする人をメールログで確認し、いなくなったら main.cf の smtpd_sasl_auth_enable を外してください。',
            },
          },
        ]
      : [],
});

const entriesOf = ({postfix}: Facts) =>
  (postfix?.services ?? []).filter(
    ({name, type}) => type === 'inet' && ['submission', '587', 'submissions', 'smtps', '465'].includes(name),
  );
