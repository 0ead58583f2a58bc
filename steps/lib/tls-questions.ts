import {list, number, select, text} from '../../src/core/question.js';
import type {AskContext} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import {asciiName, nameProblem, pathProblem} from './validate.js';
import {hostnameOf, tlsFilesOf} from './read.js';
import {certbotQuestions, issuedThere, noCertbot} from './tls-certbot.js';
import {subjectQuestions} from './tls-subject.js';

type Asked = Pick<AskContext, 'answers'>;

const sourceOf = ({answers}: Asked) => answers['tls']?.['source'];
const isOwn = (context: Asked) => sourceOf(context) === 'own-files';
const isRequest = (context: Asked) => sourceOf(context) === 'request';
const isMadeHere = (context: Asked) => isRequest(context) || sourceOf(context) === 'self-signed';
const isNamed = (context: Asked) => isMadeHere(context) || sourceOf(context) === 'certbot';

/** A file that somebody names: it may be anywhere but where everybody can put one. */
const filePath = (path: string) =>
  /^\/(?:etc|root)\//.test(path)
    ? pathProblem(path.replace(/^\/(?:etc|root)\//, '/srv/'))
    : pathProblem(path);

/** Where the certificate comes from, and what each way needs to know. */
export const tlsQuestions = {
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
      {
        value: 'certbot',
        label: {
          en: 'Let’s Encrypt (or another authority), by certbot, now',
          ja: 'Let’s Encrypt など (今すぐ certbot で取得)',
        },
        hint: {en: 'the name in DNS and port 80 must lead here', ja: 'DNS とポート 80 の到達が必要'},
        unavailable: noCertbot,
      },
      {value: 'own-files', label: {en: 'Files that I have', ja: '手持ちのファイル'}},
      {
        value: 'lets-encrypt',
        label: {
          en: 'Let’s Encrypt, from certbot on this machine',
          ja: 'このマシンの certbot が取得した Let’s Encrypt',
        },
        unavailable: ({facts}) =>
          (facts.certificates?.lineages ?? []).length === 0 ? texts.noLineage : undefined,
      },
      {
        value: 'request',
        label: {
          en: 'A new key, and a request to send to an authority',
          ja: '新しい鍵と、認証局に送る申請 (CSR)',
        },
      },
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
    when: isOwn,
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
    when: isOwn,
    initial: () => undefined,
    validate: filePath,
    live: (key, {answers}) => ({
      kind: 'certificate-pair',
      certificate: String(answers['tls']?.['certificate']),
      key,
      name: hostnameOf(answers),
    }),
  }),
  lineage: text({
    ask: {en: 'Under which name does certbot keep it?', ja: 'certbot での名前は何ですか。'},
    help: {
      en: 'The name of its folder in /etc/letsencrypt/live; “certbot certificates” lists them.',
      ja: '/etc/letsencrypt/live のフォルダー名です。「certbot certificates」で確認できます。',
    },
    why: {
      en: 'The files there always lead to the newest certificate.',
      ja: 'そこのファイルは常に最新の証明書を指します。',
    },
    level: 'advanced',
    when: context => sourceOf(context) === 'lets-encrypt',
    initial: ({answers, facts}) => {
      const {lineages = []} = facts.certificates ?? {};
      return lineages.includes(hostnameOf(answers)) ? hostnameOf(answers) : lineages[0];
    },
    validate: name => (asciiName(name) === name ? undefined : texts.lineage),
    live: (lineage, {answers, platform}) => ({
      kind: 'certificate-pair',
      ...tlsFilesOf({...answers, tls: {...answers['tls'], lineage}}, platform),
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
    when: isNamed,
    choices: [
      {value: 'ec-p256', label: {en: 'EC P-256', ja: 'EC P-256'}},
      {value: 'rsa-2048', label: {en: 'RSA 2048', ja: 'RSA 2048'}},
      {value: 'rsa-3072', label: {en: 'RSA 3072', ja: 'RSA 3072'}},
      {value: 'rsa-4096', label: {en: 'RSA 4096', ja: 'RSA 4096'}},
    ],
    initial: ({facts, answers}) =>
      (sourceOf({answers}) === 'certbot'
        ? issuedThere(facts, answers)?.algorithm
        : facts.certificates?.algorithm) ?? 'ec-p256',
  }),
  names: list({
    ask: {
      en: 'Which other names shall the certificate be good for?',
      ja: '証明書をほかのどの名前でも有効にしますか。',
    },
    help: {
      en: 'Beside the name of this server; leave it empty for none.',
      ja: 'このサーバーの名前以外のものです。なければ空のままにします。',
    },
    why: {
      en: 'Mail programs accept only a name that stands in the certificate.',
      ja: 'メールソフトは証明書に書かれた名前だけを受け入れます。',
    },
    example: 'imap.example.com smtp.example.com',
    level: 'advanced',
    when: isNamed,
    initial: ({facts, answers}): readonly string[] =>
      (isRequest({answers})
        ? (facts.certificates?.request?.names ?? [])
        : sourceOf({answers}) === 'certbot'
          ? (issuedThere(facts, answers)?.names ?? [])
          : []
      ).filter(name => name !== hostnameOf(answers)),
    validateItem: nameProblem,
    validate: (names, {answers}) =>
      new Set([hostnameOf(answers), ...names]).size < names.length + 1 ? texts.twice : undefined,
  }),
  ...certbotQuestions,
  ...subjectQuestions,
  answer: list({
    ask: {
      en: 'Which files did the authority answer with?',
      ja: '認証局から届いたファイルはどれですか。',
    },
    help: {
      en: 'Absolute paths: certificate and chain, in PEM, DER or PKCS#7, in any order. Leave it empty until the answer is there: the server shows a self-signed certificate meanwhile.',
      ja: '絶対パスで指定します。PEM、DER、PKCS#7 の証明書と中間証明書で、順序は問いません。届くまでは空のままにします。その間は自己署名の証明書を提示します。',
    },
    why: {
      en: 'They become one file in the order that servers need.',
      ja: 'サーバーに必要な順序で 1 つのファイルにまとめます。',
    },
    example: '/root/server.crt /root/chain.p7b',
    level: 'advanced',
    when: isRequest,
    initial: (): readonly string[] => [],
    validateItem: filePath,
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
    when: isMadeHere,
    min: 1,
    max: 825,
    initial: () => 825,
  }),
};

const texts = {
  noLineage: {
    en: 'certbot has no certificate on this machine.',
    ja: 'このマシンに certbot の証明書がありません。',
  },
  lineage: {
    en: 'This is not a name of a folder in /etc/letsencrypt/live.',
    ja: '/etc/letsencrypt/live のフォルダー名ではありません。',
  },
  twice: {en: 'A name is given twice.', ja: '名前が重複しています。'},
} satisfies Record<string, Text>;
