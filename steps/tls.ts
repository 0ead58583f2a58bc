import {number, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {hostnameOf, hasDovecot, tlsFilesOf} from './lib/read.js';
import {pathProblem} from './lib/validate.js';

const own = ({answers}: {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>}) =>
  answers['tls']?.['source'] === 'own-files';
const filePath = (path: string) =>
  /^\/etc\//.test(path) ? pathProblem(path.replace(/^\/etc\//, '/srv/')) : pathProblem(path);

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
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    source: select({
      ask: {en: 'Which certificate shall be used?', ja: 'どの証明書を使いますか。'},
      help: {
        en: 'A self-signed one works at once, but each mail program asks whether to trust it.',
        ja: '自己署名はすぐ使えますが、メールソフトが信頼の確認を求めます。',
      },
      why: {
        en: 'It proves to mail programs that they talk to this server.',
        ja: '相手がこのサーバーであることをメールソフトに証明します。',
      },
      level: 'basic',
      choices: [
        {value: 'self-signed', label: {en: 'Self-signed, for now', ja: '当面は自己署名'}},
        {value: 'own-files', label: {en: 'Files that I have', ja: '手持ちのファイル'}},
      ],
      initial: () => 'self-signed',
    }),
    certificate: text({
      ask: {en: 'Where is the certificate, with its chain?', ja: '証明書 (中間証明書を含む) はどこですか。'},
      help: {
        en: 'A PEM file: the server’s certificate first, then the chain.',
        ja: 'サーバー証明書、中間証明書の順に並んだ PEM ファイルです。',
      },
      why: {en: 'Both Dovecot and Postfix show it.', ja: 'Dovecot と Postfix の両方が提示します。'},
      level: 'basic',
      when: own,
      initial: () => undefined,
      validate: filePath,
    }),
    key: text({
      ask: {en: 'Where is its private key?', ja: 'その秘密鍵はどこですか。'},
      help: {en: 'A PEM file that only root can read.', ja: 'root だけが読める PEM ファイルです。'},
      why: {
        en: 'Whoever has the key can pose as this server.',
        ja: '鍵を持つ者はこのサーバーになりすませます。',
      },
      level: 'basic',
      when: own,
      initial: () => undefined,
      validate: filePath,
      live: (key, {answers}) => ({
        kind: 'certificate-pair',
        certificate: String(answers['tls']?.['certificate']),
        key,
        name: hostnameOf(answers),
      }),
    }),
    key_type: select({
      ask: {en: 'Which kind of key has the certificate?', ja: '証明書の鍵の種類は何にしますか。'},
      help: {
        en: 'P-256 is quick and understood by every mail program of the last ten years.',
        ja: 'P-256 は速く、過去 10 年のメールソフトすべてで使えます。',
      },
      why: {en: 'It decides how hard the key is to guess.', ja: '鍵の強さが決まります。'},
      level: 'advanced',
      when: context => !own(context),
      choices: [
        {value: 'ec-p256', label: {en: 'EC P-256', ja: 'EC P-256'}},
        {value: 'rsa-3072', label: {en: 'RSA 3072', ja: 'RSA 3072'}},
      ],
      initial: () => 'ec-p256',
    }),
    days: number({
      ask: {en: 'How many days is the certificate good?', ja: '証明書の有効日数は何日ですか。'},
      help: {
        en: 'Some mail programs refuse more than 825.',
        ja: '825 日を超えると拒否するメールソフトがあります。',
      },
      why: {
        en: 'After that day mail programs refuse to connect.',
        ja: '期限後はメールソフトが接続を拒否します。',
      },
      level: 'advanced',
      when: context => !own(context),
      min: 1,
      max: 825,
      initial: () => 825,
    }),
  },
  materials: ({answers, all}) => {
    const name = hostnameOf(all);
    const {certificate, key} = tlsFilesOf(all);
    return answers.source === 'own-files'
      ? []
      : [
          {id: 'tls.key', kind: 'key', spec: {algorithm: answers.key_type ?? 'ec-p256'}, existing: key},
          {
            id: 'tls.certificate',
            kind: 'self-signed',
            key: 'tls.key',
            subject: {CN: name},
            names: [name],
            days: answers.days ?? 825,
            existing: certificate,
          },
        ];
  },
  adopt: facts => {
    const {'tls.certificate': certificate, 'tls.key': key} = readDovecot(facts).settings;
    if (certificate === undefined || key === undefined) {
      return {};
    }

    const ours = tlsFilesOf({});
    return certificate === ours.certificate && key === ours.key
      ? {source: 'self-signed' as const}
      : {source: 'own-files' as const, certificate, key};
  },
  plan: ({answers, all, materials}) => {
    const {certificate, key} = tlsFilesOf(all);
    const make = (id: string, path: string, mode: number, secret: boolean) =>
      materials[id]?.reused === true
        ? []
        : [
            {
              kind: 'file' as const,
              path,
              state: 'present' as const,
              content: [{material: id}],
              secret,
              owner: 'root',
              group: 'root',
              mode,
            },
          ];
    return [
      ...(answers.source === 'own-files'
        ? []
        : [
            {
              kind: 'directory' as const,
              path: '/etc/ssl/dovetail',
              owner: 'root',
              group: 'root',
              mode: 0o755,
              state: 'present' as const,
            },
            ...make('tls.key', key, 0o600, true),
            ...make('tls.certificate', certificate, 0o644, false),
          ]),
      {kind: 'setting', in: 'dovecot', at: 'tls.mode', op: 'set', value: 'required'},
      {kind: 'setting', in: 'dovecot', at: 'tls.certificate', op: 'set', value: certificate},
      {kind: 'setting', in: 'dovecot', at: 'tls.key', op: 'set', value: key},
      {kind: 'setting', in: 'dovecot', at: 'tls.min_protocol', op: 'set', value: 'TLSv1.2'},
    ];
  },
  probes: () => [],
});
