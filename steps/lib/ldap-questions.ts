import type {LdapServer} from '../../src/core/ldap/server.js';
import {type AskContext, list, type LiveCheck, secretQuestion, text, yesNo} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import {binderProblem, clearProblem, nameProblem, uriProblem} from './ldap-words.js';
import {secretThere} from './ldap-there.js';
import type {Text} from '../../src/core/text.js';
import {pathOfFileProblem} from './validate.js';

type Section = {
  readonly id: 'auth-ldap' | 'ldap-lookup';
  /** The answers so far, as a directory. */
  readonly server: (context: AskContext) => LdapServer;
  readonly when?: (context: AskContext) => boolean;
  /** Answers of another section that are the defaults here. */
  readonly like?: 'auth-ldap';
  /** Whether anything is searched for below the base. @default always */
  readonly searches?: (context: AskContext) => boolean;
};

/** Questions about a directory: where it is, who vouches for it, and who asks. Each is tested while it is asked. */
export const directoryQuestions = ({id, server, when, like, searches = () => true}: Section) => {
  const on = when === undefined ? {} : {when};
  const own = <T>({answers}: AskContext, question: string) => answers[id]?.[question] as T | undefined;
  const before = <T>({answers}: AskContext, question: string) =>
    like === undefined ? undefined : (answers[like]?.[question] as T | undefined);
  const check = (context: AskContext, stage: 'connect' | 'tls' | 'base'): LiveCheck => ({
    kind: 'ldap',
    section: id,
    stage,
    server: server(context),
  });
  return {
    servers: list({
      ask: {en: 'Where is the directory?', ja: 'ディレクトリーはどこにありますか。'},
      help: {
        en: 'ldaps://NAME, or ldap://NAME (made private by STARTTLS). Several are tried in this order.',
        ja: 'ldaps://名前、または ldap://名前 (STARTTLS で暗号化) です。複数なら順に試します。',
      },
      why: {
        en: 'The name must be the one in its certificate.',
        ja: '証明書にある名前と一致している必要があります。',
      },
      example: 'ldaps://ldap.example.com',
      level: 'basic',
      ...on,
      initial: context => before<readonly string[]>(context, 'servers'),
      validateItem: uriProblem,
      validate: uris => (uris.length === 0 ? texts.noServer : undefined),
      live: (_uris, context) => check(context, 'connect'),
    }),
    starttls: yesNo({
      ask: {en: 'Shall ldap:// go on encrypted (STARTTLS)?', ja: 'ldap:// を STARTTLS で暗号化しますか。'},
      help: {
        en: 'Only on this machine itself may it stay in clear.',
        ja: '平文でよいのはこのマシン自身の場合だけです。',
      },
      why: {en: 'Passwords go over this connection.', ja: 'パスワードがこの接続を通ります。'},
      level: 'advanced',
      when: context =>
        (when?.(context) ?? true) &&
        (own<readonly string[]>(context, 'servers') ?? []).some(uri => uri.startsWith('ldap:')),
      initial: context => before<boolean>(context, 'starttls') ?? true,
      validate: (starttls, context) =>
        clearProblem(own<readonly string[]>(context, 'servers') ?? [], starttls),
    }),
    ca: text({
      ask: {
        en: 'Which file has the authority of the directory’s certificate?',
        ja: 'ディレクトリーの証明書を発行した認証局のファイルはどれですか。',
      },
      help: {
        en: 'A PEM file that everybody may read. The default is what this machine trusts anyway.',
        ja: '誰でも読める PEM ファイルです。既定はこのマシンがもともと信頼する認証局です。',
      },
      why: {
        en: 'Whoever could pose as the directory would be handed every password.',
        ja: 'ディレクトリーになりすます者がいれば、全員のパスワードを渡してしまいます。',
      },
      example: '/etc/ssl/certs/company-ca.pem',
      level: 'basic',
      ...on,
      initial: context => before<string>(context, 'ca') ?? context.platform.paths.caBundle,
      validate: pathOfFileProblem,
      live: (_ca, context) => check(context, 'tls'),
    }),
    base: text({
      ask: {en: 'Below which entry are the people?', ja: '人のエントリーはどこの下にありますか。'},
      help: {en: 'Its distinguished name.', ja: '識別名 (DN) で指定します。'},
      why: {
        en: 'Nobody outside of it can log in or get mail.',
        ja: 'その外にいる人はログインもメールの受信もできません。',
      },
      example: 'ou=people,dc=example,dc=com',
      level: 'basic',
      ...on,
      initial: context => {
        const {answers} = context;
        const there = before<string>(context, 'base');
        if (there !== undefined) {
          return there;
        }

        const [domain] = (answers['role']?.['domains'] as readonly string[] | undefined) ?? [];
        return domain === undefined
          ? undefined
          : domain
              .split('.')
              .map(label => `dc=${label}`)
              .join(',');
      },
      validate: nameProblem,
    }),
    bind_dn: text({
      ask: {
        en: 'As whom does the server ask the directory (empty: as nobody)?',
        ja: 'サーバーは誰としてディレクトリーに問い合わせますか (空なら匿名)。',
      },
      help: {
        en: 'An account of its own that may read the entries and nothing else. Active Directory takes user@domain too.',
        ja: 'エントリーを読めるだけの専用アカウントです。Active Directory では ユーザー@ドメイン でも構いません。',
      },
      why: {
        en: 'Most directories tell nobody in particular nothing.',
        ja: '匿名の問い合わせに応じないディレクトリーがほとんどです。',
      },
      example: 'cn=mail,ou=services,dc=example,dc=com',
      level: 'basic',
      ...on,
      initial: context => before<string>(context, 'bind_dn') ?? '',
      validate: name => (name === '' ? undefined : binderProblem(name)),
      live: (name, context) => (name === '' && searches(context) ? check(context, 'base') : undefined),
    }),
    bind_password: secretQuestion({
      ask: {en: 'With which password?', ja: 'パスワードは何ですか。'},
      help: {
        en: 'It is written to files that users cannot read.',
        ja: '利用者には読めないファイルに書き込みます。',
      },
      why: {en: 'With it the directory can be read.', ja: 'これでディレクトリーを読めます。'},
      level: 'basic',
      canGenerate: false,
      when: context => (when?.(context) ?? true) && (own<string>(context, 'bind_dn') ?? '') !== '',
      initial: context =>
        secretThere(context, id) ? 'keep' : given(before<SecretRef>(context, 'bind_password')),
      validate: (password, context) =>
        password === 'generate'
          ? texts.notGenerated
          : password === 'keep' && !secretThere(context, id)
            ? texts.nothingToKeep
            : undefined,
      validateSecret: bindSecretProblem,
      live: (password: SecretRef, context) => (password === 'keep' ? undefined : check(context, 'base')),
    }),
  };
};

// What stays in one file is not known for another.
const given = (password: SecretRef | undefined) => (password === 'keep' ? undefined : password);

/** Why a password cannot be written down: Postfix's tables have no quotes (ldap_table(5)). */
export const bindSecretProblem = (value: string): Text | undefined =>
  value === ''
    ? texts.empty
    : /^\s|\s$|[\u0000-\u001f\u007f]/.test(value)
      ? texts.blanks
      : value.length > 1024
        ? texts.long
        : undefined;

const texts = {
  noServer: {en: 'A directory is needed.', ja: 'ディレクトリーが必要です。'},
  notGenerated: {
    en: 'Only the directory’s operator can give this password.',
    ja: 'このパスワードはディレクトリーの管理者から受け取るものです。',
  },
  nothingToKeep: {
    en: 'This machine does not have that password everywhere it is needed: give it.',
    ja: '必要な場所のすべてにはこのパスワードがありません。指定してください。',
  },
  empty: {en: 'A password is needed.', ja: 'パスワードが必要です。'},
  blanks: {
    en: 'Postfix’s table can hold no blank at either end, and no control characters.',
    ja: '先頭と末尾の空白、制御文字は Postfix の表に書けません。',
  },
  long: {en: 'That is longer than 1024 characters.', ja: '1024 文字を超えています。'},
} satisfies Record<string, Text>;
