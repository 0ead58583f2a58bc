import type {Facts} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {settingOf} from './lib/postfix.js';
import {hasDovecot, hostnameOf, isServer, tlsFilesOf} from './lib/read.js';
import {subjectAnswers, subjectOf} from './lib/tls-subject.js';
import {tlsQuestions} from './lib/tls-questions.js';
import {fileWants, hookPath, hookWants, lineageAt, requestFile} from './lib/tls-wants.js';

/** The certificate that both servers show. */
export const tls = defineStep({
  id: 'tls',
  title: {en: 'Certificate', ja: '証明書'},
  why: {
    en: 'Without TLS, passwords and mail can be read on the way.',
    ja: 'TLS がなければ、パスワードもメールも途中で読まれます。',
  },
  needs: ['role'],
  owns: ['tls.*'],
  applies: (_facts, all) => hasDovecot(all) || isServer(all),
  questions: tlsQuestions,
  materials: ({answers, all}) => {
    const {source = 'self-signed', key_type: algorithm = 'ec-p256', days = 825, answer = []} = answers;
    if (source === 'own-files' || source === 'lets-encrypt') {
      return [];
    }

    const {certificate, key} = tlsFilesOf(all);
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
            existing: requestFile,
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
  adopt: facts => {
    const {'tls.certificate': certificate, 'tls.key': key} =
      facts.dovecot === undefined ? postfixPair(facts) : readDovecot(facts).settings;
    if (certificate === undefined || key === undefined) {
      return {};
    }

    const ours = tlsFilesOf({});
    const lineage = lineageAt(certificate, key);
    return certificate === ours.certificate && key === ours.key
      ? madeHere(facts)
      : lineage !== undefined
        ? {source: 'lets-encrypt' as const, lineage}
        : {source: 'own-files' as const, certificate, key};
  },
  plan: ({all, materials, platform}) => {
    const {certificate, key} = tlsFilesOf(all);
    return [
      ...fileWants(all, materials),
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
  probes: ({answers: {source = 'self-signed'}, all}) => {
    const {certificate, key} = tlsFilesOf(all);
    const renewed = lineageAt(certificate, key) !== undefined;
    return [
      {
        id: 'tls:renewal',
        section: 'tls',
        kind: 'renewal',
        certificate,
        ...(renewed ? {hook: hookPath} : {}),
        ...(source === 'request' ? {request: requestFile} : {}),
      },
    ];
  },
  notes: ({answers: {source, answer = []}, facts}): readonly Finding[] =>
    source === 'request' && answer.length === 0 && facts.certificates?.request?.waiting !== false
      ? [
          {
            id: 'tls:waiting',
            section: 'tls',
            severity: 'warning',
            summary: texts.waiting,
            remedy: fill(texts.send, {path: requestFile}),
          },
        ]
      : [],
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
  waiting: {
    en: 'Until the authority answers, the server shows a self-signed certificate of the same key.',
    ja: '認証局から回答が届くまで、同じ鍵の自己署名証明書を提示します。',
  },
  send: {
    en: 'Send {path} to the authority (it is no secret; the key stays here). When its answer is there, in days or weeks: “dovetail tls”, and name its files.',
    ja: '{path} を認証局に送ってください (秘密ではなく、鍵はここに残ります)。回答が届いたら「dovetail tls」でそのファイルを指定します。数日後でも構いません。',
  },
} satisfies Record<string, Text>;
