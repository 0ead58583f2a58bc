import {select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Want} from '../src/core/want.js';
import {hostnameOf, isServer, tlsFilesOf} from './lib/read.js';

/** TLS between mail servers. On port 25 it stays optional: others could not deliver otherwise. */
export const smtpTls = defineStep({
  id: 'smtp-tls',
  title: {en: 'TLS between servers', ja: 'サーバー間の TLS'},
  why: {
    en: 'Mail on its way to other servers is encrypted wherever they can.',
    ja: '相手が対応していれば、配送中のメールを暗号化します。',
  },
  needs: ['tls'],
  owns: ['main.cf:smtpd_tls_*', 'main.cf:smtp_tls_*'],
  questions: {
    outbound: select({
      ask: {
        en: 'How strict is it towards other servers?',
        ja: 'ほかのサーバーへの送信をどこまで厳しくしますか。',
      },
      help: {
        en: 'Opportunistic encrypts where it can. DANE also verifies, where DNS says so (needs a validating resolver).',
        ja: '「可能なら」は対応時に暗号化します。DANE は DNS の情報で検証もします (検証付きリゾルバーが必要)。',
      },
      why: {en: 'Too strict, and some mail is not delivered.', ja: '厳しすぎると届かないメールが出ます。'},
      level: 'advanced',
      choices: [
        {value: 'may', label: {en: 'Opportunistic', ja: '可能なら暗号化'}},
        {value: 'dane', label: {en: 'DANE', ja: 'DANE'}},
      ],
      initial: () => 'may',
    }),
  },
  adopt: ({postfix}) => ({
    outbound: postfix?.settings['smtp_tls_security_level'] === 'dane' ? 'dane' : 'may',
  }),
  plan: ({answers: {outbound = 'may'}, all, platform}) => {
    const {certificate, key} = tlsFilesOf(all);
    const main = (at: string, value: string): Want => ({
      kind: 'setting',
      in: 'main.cf',
      at,
      op: 'set',
      value,
    });
    return [
      ...(isServer(all)
        ? [
            main('smtpd_tls_cert_file', certificate),
            main('smtpd_tls_key_file', key),
            main('smtpd_tls_security_level', 'may'),
            main('smtpd_tls_auth_only', 'yes'),
            main('smtpd_tls_loglevel', '1'),
          ]
        : []),
      main('smtp_tls_security_level', outbound),
      main('smtp_tls_CAfile', platform.paths.caBundle),
      ...(outbound === 'dane' ? [main('smtp_dns_support_level', 'dnssec')] : []),
    ];
  },
  probes: ({all}) =>
    isServer(all)
      ? [
          {
            id: 'tls:25',
            section: 'smtp-tls',
            kind: 'tls',
            port: 25,
            starttls: 'smtp',
            name: hostnameOf(all),
            certificate: tlsFilesOf(all).certificate,
          },
        ]
      : [],
});
