import {letsEncrypt, type Order} from '../../src/core/acme.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import {type AskContext, select, text, yesNo} from '../../src/core/question.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {settingOf} from './postfix.js';
import {port} from './ports.js';
import {answer, hostnameOf} from './read.js';
import {isMade} from './tls-wants.js';
import {addressProblem, pathOfFileProblem} from './validate.js';

const isAsked = ({answers}: Pick<AskContext, 'answers'>) => answers['tls']?.['source'] === 'certbot';

/** Why certbot cannot be run for this machine; undefined where it can. */
export const noCertbot = ({facts, platform}: AskContext): Text | undefined =>
  facts.ground === 'directory'
    ? texts.directory
    : facts.certificates?.snap === true
      ? texts.snap
      : platform.packages.certbot === undefined || platform.certbotTimer === undefined
        ? texts.noPackage
        : undefined;

/** Names that the certificate shall be good for: the server's own first. */
export const namesOf = (all: AllAnswers): readonly string[] =>
  [...new Set([hostnameOf(all), ...(answer<readonly string[]>(all, 'tls', 'names') ?? [])])].filter(Boolean);

/** What the authority is asked for. */
export const orderOf = (all: AllAnswers): Order => ({
  lineage: hostnameOf(all),
  names: namesOf(all),
  server: answer<string>(all, 'tls', 'server') ?? letsEncrypt,
  contact: answer<string>(all, 'tls', 'contact') ?? '',
  challenge:
    answer<string>(all, 'tls', 'challenge') === 'webroot'
      ? {type: 'webroot', path: answer<string>(all, 'tls', 'webroot') ?? ''}
      : {type: 'standalone'},
  algorithm: answer<Order['algorithm']>(all, 'tls', 'key_type') ?? 'ec-p256',
});

/** The certificate, the timer that renews it, and the door by which the authority comes, now and for each renewal. */
export const certbotWants = (
  all: AllAnswers,
  {firewall: {ours = []}}: Facts,
  {certbotTimer}: Platform,
): readonly Want[] =>
  answer<string>(all, 'tls', 'source') === 'certbot'
    ? [
        {kind: 'issued-certificate', order: orderOf(all), state: 'present'},
        ...(certbotTimer === undefined
          ? []
          : [{kind: 'service' as const, unit: certbotTimer, state: 'present' as const}]),
        ...port(all, 80, 'present'),
      ]
    : // A certificate that certbot keeps may need the door whoever ordered it.
      ours.includes('80') && isMade(answer<string>(all, 'tls', 'source') ?? 'self-signed')
      ? port(all, 80, 'absent')
      : [];

/**
 * A certificate of certbot's as the answers that would order it; undefined where something of them is not so on this machine:
 * then it is used as it is.
 */
export const adoptedOrder = (facts: Facts, {certbotTimer = ''}: Platform, lineage: string) => {
  const issued = facts.certificates?.issued?.find(one => one.lineage === lineage);
  const timer = facts.units[certbotTimer];
  const {active, permanent, runtime, backend} = facts.firewall;
  const isOpen =
    !active ||
    !['firewalld', 'ufw'].includes(backend) ||
    [permanent, runtime].every(({ports}) => ports.includes('80/tcp'));
  return issued?.challenge === undefined ||
    issued.algorithm === undefined ||
    timer?.enabled !== true ||
    !timer.active ||
    !isOpen ||
    settingOf(facts, 'myhostname') !== lineage ||
    !issued.names.includes(lineage)
    ? undefined
    : {
        source: 'certbot' as const,
        names: issued.names.filter(name => name !== lineage),
        key_type: issued.algorithm,
        server: issued.server,
        challenge: issued.challenge.type,
        ...(issued.challenge.type === 'webroot' ? {webroot: issued.challenge.path} : {}),
        contact: '',
        agree: true,
      };
};

/** How certbot shall get the certificate. */
export const certbotQuestions = {
  server: text({
    ask: {en: 'Which authority shall be asked?', ja: 'どの認証局に依頼しますか。'},
    help: {
      en: 'The address of its directory (ACME). Let’s Encrypt, unless your company has one of its own; this machine must trust it.',
      ja: 'ディレクトリー (ACME) の URL です。社内の認証局がなければ Let’s Encrypt です。このマシンが信頼している必要があります。',
    },
    why: {
      en: 'Mail programs trust whom it is trusted by.',
      ja: 'メールソフトが信頼するかどうかは認証局で決まります。',
    },
    example: 'https://ca.example.com/acme/directory',
    level: 'advanced',
    when: isAsked,
    initial: ({facts, answers}) => issuedThere(facts, answers)?.server ?? letsEncrypt,
    validate: url => (isDirectory(url) ? undefined : texts.server),
  }),
  challenge: select({
    ask: {
      en: 'How shall the authority see that the names lead here?',
      ja: '名前がこのマシンを指すことを、認証局にどう示しますか。',
    },
    help: {
      en: 'It comes to port 80, now and before each renewal. certbot answers there itself for some seconds, or a web server that is there shows its file. Port 80 is opened in the firewall and stays open for that.',
      ja: '認証局は今回と更新のたびにポート 80 に接続します。certbot が数秒だけ応答するか、既存の Web サーバーがファイルを公開します。そのためファイアウォールのポート 80 は開いたままにします。',
    },
    why: {
      en: 'Nobody gets a certificate for a name that leads elsewhere.',
      ja: '別の場所を指す名前の証明書は発行されません。',
    },
    level: 'advanced',
    when: isAsked,
    choices: [
      {value: 'standalone', label: {en: 'certbot answers by itself', ja: 'certbot 自身が応答する'}},
      {
        value: 'webroot',
        label: {en: 'A web server here shows a file', ja: 'このマシンの Web サーバーで公開する'},
      },
    ],
    initial: ({facts, answers}) =>
      issuedThere(facts, answers)?.challenge?.type ??
      (facts.listeners.some(listener => listener.port === 80) ? 'webroot' : 'standalone'),
  }),
  webroot: text({
    ask: {
      en: 'Which folder does the web server show?',
      ja: 'Web サーバーが公開しているフォルダーはどれですか。',
    },
    help: {
      en: 'The one that it shows under “/”, for each of the names.',
      ja: '各名前の「/」で公開しているフォルダーです。',
    },
    why: {
      en: 'The authority reads a file below it.',
      ja: '認証局はその下のファイルを読みます。',
    },
    example: '/var/www/html',
    level: 'advanced',
    when: context => isAsked(context) && context.answers['tls']?.['challenge'] === 'webroot',
    initial: ({facts, answers}) => {
      const there = issuedThere(facts, answers)?.challenge;
      return there?.type === 'webroot' ? there.path : '/var/www/html';
    },
    // certbot keeps it in a list.
    validate: path => pathOfFileProblem(path.replace(',', ' ')),
  }),
  contact: text({
    ask: {
      en: 'Which mail address may the authority write to?',
      ja: '認証局からの連絡先メールアドレスは何ですか。',
    },
    help: {
      en: 'It goes to the authority with the account; leave it empty to give none. “dovetail check” says when a renewal does not work.',
      ja: 'アカウントとともに認証局に伝えられます。空のままなら伝えません。更新の失敗は「dovetail check」で分かります。',
    },
    why: {
      en: 'It hears of trouble with the certificate, where the authority still sends such mail.',
      ja: '証明書の問題が通知されます (送らない認証局もあります)。',
    },
    example: 'admin@example.com',
    level: 'advanced',
    when: isAsked,
    initial: () => '',
    validate: value => (value === '' ? undefined : addressProblem(value)),
  }),
  agree: yesNo({
    ask: {
      en: 'Do you agree to the terms of service of the authority?',
      ja: '認証局の利用規約に同意しますか。',
    },
    help: {
      en: 'Let’s Encrypt’s are at https://letsencrypt.org/repository/; another’s are named in its directory. Without that nothing is issued. The name of this server will stand in public logs.',
      ja: 'Let’s Encrypt は https://letsencrypt.org/repository/ にあります (他の認証局はディレクトリーに記載)。同意なしには発行されません。サーバー名は公開ログに載ります。',
    },
    why: {
      en: 'certbot makes an account there in your name.',
      ja: 'certbot があなたの名義でアカウントを作ります。',
    },
    level: 'basic',
    when: isAsked,
    // Nobody agrees by not looking.
    initial: ({facts, answers}) => issuedThere(facts, answers) !== undefined,
    validate: value => (value ? undefined : texts.agree),
    live: (_value, {answers, platform}) => {
      const {names, server, challenge} = orderOf(answers);
      return {kind: 'acme', names, server, challenge, store: platform.paths.caBundle};
    },
  }),
};

/** What certbot has already under the name of this server. */
export const issuedThere = ({certificates}: Facts, all: AllAnswers) =>
  certificates?.issued?.find(({lineage}) => lineage === hostnameOf(all));

const isDirectory = (value: string) => {
  if (!URL.canParse(value) || !/^https:\/\/[\x21-\x7e]+$/.test(value)) {
    return false;
  }

  const {username, password, hash} = new URL(value);
  return username === '' && password === '' && hash === '';
};

const texts = {
  directory: {
    en: 'An authority can only be asked by a machine that runs.',
    ja: '動いているマシンからしか認証局に依頼できません。',
  },
  snap: {
    en: 'certbot came as a snap here: let it get the certificate, then choose “from certbot on this machine”.',
    ja: 'certbot が snap で導入されています。それで取得してから「このマシンの certbot が取得した」を選んでください。',
  },
  noPackage: {
    en: 'This distribution has no certbot of its own (RHEL: in EPEL): install it, let it get the certificate, then choose “from certbot on this machine”.',
    ja: 'このディストリビューションには certbot がありません (RHEL では EPEL)。導入して取得してから「このマシンの certbot が取得した」を選んでください。',
  },
  server: {
    en: 'This must be an https address without a password in it.',
    ja: 'パスワードを含まない https の URL を指定してください。',
  },
  agree: {
    en: 'Then nothing is issued: choose another way to a certificate.',
    ja: '同意しなければ発行されません。別の方法を選んでください。',
  },
} satisfies Record<string, Text>;
