import type {Facts} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {settingOf} from './lib/postfix.js';
import {hasDovecot, hostnameOf, isServer, tlsFilesOf} from './lib/read.js';
import {subjectAnswers, subjectOf} from './lib/tls-subject.js';
import {tlsQuestions} from './lib/tls-questions.js';
import {adoptedOrder, certbotWants, orderOf} from './lib/tls-certbot.js';
import {fileWants, hookPath, hookWants, isMade, lineageAt, requestFileOf} from './lib/tls-wants.js';

/** The certificate that both servers show. */
export const tls = defineStep({
  id: 'tls',
  title: {en: 'Certificate', ja: '証明書'},
  why: {
    en: 'Without TLS, passwords and mail can be read on the way.',
    ja: 'TLS がなければ、パスワードもメールも途中で読まれます。',
  },
  needs: ['role'],
  owns: ['tls.*', 'port:80'],
  applies: (_facts, all) => hasDovecot(all) || isServer(all),
  questions: tlsQuestions,
  packages: ({answers}) => (answers.source === 'certbot' ? ['certbot'] : []),
  materials: ({answers, all, platform}) => {
    const {source = 'self-signed', key_type: algorithm = 'ec-p256', days = 825, answer = []} = answers;
    if (!isMade(source)) {
      return [];
    }

    const {certificate, key} = tlsFilesOf(all, platform);
    const names = [...new Set([hostnameOf(all), ...(answers.names ?? [])])].filter(Boolean);
    const selfSigned = {
      id: 'tls.certificate',
      kind: 'self-signed' as const,
      key: 'tls.key',
      subject: {CN: hostnameOf(all)},
      names,
      days,
      existing: certificate,
    };
    const own = {id: 'tls.key', kind: 'key' as const, spec: {algorithm}, existing: key};
    return source === 'self-signed'
      ? [own, selfSigned]
      : [
          own,
          {
            id: 'tls.request',
            kind: 'request',
            key: 'tls.key',
            subject: subjectOf(all),
            names,
            existing: requestFileOf(platform),
          },
          answer.length === 0
            ? {...selfSigned, interim: true}
            : {
                id: 'tls.certificate',
                kind: 'ca-answer',
                key: 'tls.key',
                files: answer,
                names,
                existing: certificate,
              },
        ];
  },
  adopt: (facts, platform) => {
    const {'tls.certificate': certificate, 'tls.key': key} =
      facts.dovecot === undefined ? postfixPair(facts) : readDovecot(facts).settings;
    if (certificate === undefined || key === undefined) {
      return {};
    }

    const ours = tlsFilesOf({}, platform);
    const lineage = lineageAt(certificate, key);
    return certificate === ours.certificate && key === ours.key
      ? madeHere(facts)
      : lineage !== undefined
        ? (adoptedOrder(facts, platform, lineage) ?? {source: 'lets-encrypt' as const, lineage})
        : {source: 'own-files' as const, certificate, key};
  },
  plan: ({all, facts, materials, platform}) => {
    const {certificate, key} = tlsFilesOf(all, platform);
    return [
      ...fileWants(all, platform, materials),
      ...certbotWants(all, facts, platform),
      ...hookWants(all, platform),
      ...(hasDovecot(all)
        ? ([
            {kind: 'setting', in: 'dovecot', at: 'tls.mode', op: 'set', value: 'required'},
            {kind: 'setting', in: 'dovecot', at: 'tls.certificate', op: 'set', value: certificate},
            {kind: 'setting', in: 'dovecot', at: 'tls.key', op: 'set', value: key},
            {kind: 'setting', in: 'dovecot', at: 'tls.min_protocol', op: 'set', value: 'TLSv1.2'},
          ] as const)
        : []),
    ];
  },
  probes: ({answers: {source = 'self-signed'}, all, platform}) => {
    const {certificate, key} = tlsFilesOf(all, platform);
    const renewed = lineageAt(certificate, key) !== undefined;
    return [
      {
        id: 'tls:renewal',
        section: 'tls',
        kind: 'renewal',
        certificate,
        ...(renewed ? {hook: hookPath} : {}),
        ...(source === 'certbot' ? {rehearse: {lineage: hostnameOf(all), server: orderOf(all).server}} : {}),
        ...(source === 'request' ? {request: requestFileOf(platform)} : {}),
      },
    ];
  },
  notes: ({answers: {source, answer = []}, facts, platform}): readonly Finding[] => [
    ...(facts.fips
      ? [
          {
            id: 'tls:fips',
            section: 'tls',
            severity: 'warning' as const,
            summary: texts.fips,
            remedy: texts.fipsRemedy,
          },
        ]
      : []),
    ...(source === 'request' && answer.length === 0 && facts.certificates?.request?.waiting !== false
      ? [
          {
            id: 'tls:waiting',
            section: 'tls',
            severity: 'warning' as const,
            summary: texts.waiting,
            remedy: fill(texts.send, {path: requestFileOf(platform)}),
          },
        ]
      : []),
  ],
});

// On a host without Dovecot the certificate is Postfix's.
const postfixPair = (facts: Facts) => ({
  'tls.certificate': settingOf(facts, 'smtpd_tls_cert_file'),
  'tls.key': settingOf(facts, 'smtpd_tls_key_file'),
});

// A request tells what it asked for; how long a certificate was made for is not asked of it.
const madeHere = ({certificates}: Facts) => {
  const key = certificates?.algorithm === undefined ? {} : {key_type: certificates.algorithm};
  const request = certificates?.request;
  return request === undefined
    ? {source: 'self-signed' as const, ...key}
    : {
        source: 'request' as const,
        ...key,
        names: request.names.filter(name => name !== request.subject.CN),
        ...subjectAnswers(request.subject),
        answer: [],
      };
};

const texts = {
  // RHEL 9.2 and later, release notes: TLS 1.2 in FIPS mode needs RFC 7627.
  fips: {
    en: 'FIPS mode: mail programs must speak TLS 1.3, or TLS 1.2 with “Extended Master Secret”; older ones cannot connect.',
    ja: 'FIPS モードのため、TLS 1.3 か、「Extended Master Secret」対応の TLS 1.2 が必要です。古いメールソフトは接続できません。',
  },
  fipsRemedy: {
    en: 'Bring such programs up to date; the system’s own policy for ciphers is left as it is.',
    ja: '該当するメールソフトを更新してください。システムの暗号ポリシーは変更しません。',
  },
  waiting: {
    en: 'Until the authority answers, the server shows a self-signed certificate of the same key.',
    ja: '認証局から回答が届くまで、同じ鍵の自己署名証明書を提示します。',
  },
  send: {
    en: 'Send {path} to the authority (it is no secret; the key stays here). When its answer is there, in days or weeks: “dovetail tls”, and name its files.',
    ja: '{path} を認証局に送ってください (秘密ではなく、鍵はここに残ります)。回答が届いたら「dovetail tls」でそのファイルを指定します。数日後でも構いません。',
  },
} satisfies Record<string, Text>;
