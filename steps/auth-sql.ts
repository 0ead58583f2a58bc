import {passwordProblem} from '../src/core/password-policy.js';
import {accounts, secretQuestion, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {hasSql} from './lib/people.js';
import {domainsOf, hasDovecot, hasPostfix, mailRootOf, mailUserOf} from './lib/read.js';
import {engineOf, isKept, isMade, sampleOf, sourceOf, tableOf} from './lib/sql.js';
import {accountMaterials, madeWants, passwordMaterials} from './lib/sql-made.js';
import {columnProblem, namesIn, tableCheckOf, tableProblem} from './lib/sql-checks.js';
import {movedSource, sqlNotes} from './lib/sql-notes.js';
import {serverQuestions} from './lib/sql-questions.js';
import {sqlThere} from './lib/sql-there.js';
import {addressProblem} from './lib/validate.js';

/** Schemes that both versions of Dovecot check without being told to allow weak ones. */
const schemes = [
  'BLF-CRYPT',
  'SHA512-CRYPT',
  'SHA256-CRYPT',
  'ARGON2ID',
  'ARGON2I',
  'SSHA512',
  'SSHA256',
  'CRYPT',
] as const;

/** Accounts in a database, which somebody else keeps: they are read here and never changed. */
export const authSql = defineStep({
  id: 'auth-sql',
  side: 'dovecot',
  title: {en: 'Accounts in a database', ja: 'データベースのアカウント'},
  why: {
    en: 'Accounts that are kept in one place for several programs are asked for there.',
    ja: '複数のプログラムで共有するアカウントは、その場所に照会します。',
  },
  needs: ['role', 'vmail', 'auth'],
  owns: ['database*'],
  applies: (_facts, all) => hasDovecot(all) && hasSql(all),
  anew: ['engine'],
  questions: {
    ...serverQuestions,
    table: text({
      ask: {en: 'In which table are the accounts?', ja: 'アカウントはどの表にありますか。'},
      help: {
        en: 'Each account is a row of it. A schema may stand before it, with a dot.',
        ja: '1 行が 1 アカウントです。スキーマは前にドットで付けられます。',
      },
      why: {en: 'Nothing else is read.', ja: 'ほかは読みません。'},
      example: 'users',
      level: 'basic',
      initial: () => 'users',
      offers: context => namesIn(context, 'tables'),
      validate: tableProblem,
    }),
    user_column: text({
      ask: {en: 'Which column holds the mail address?', ja: 'メールアドレスはどの列ですか。'},
      help: {
        en: 'The whole address, which people log in with.',
        ja: 'ログインにも使うアドレス全体が入った列です。',
      },
      why: {
        en: 'Mail is kept by domain and name, so that two people with one name stay apart.',
        ja: 'メールはドメインと名前で分けて保管します。',
      },
      example: 'username',
      level: 'basic',
      initial: () => 'username',
      offers: context => namesIn(context, 'columns'),
      validate: columnProblem,
    }),
    password_column: text({
      ask: {en: 'Which column holds the hash of the password?', ja: 'パスワードのハッシュはどの列ですか。'},
      help: {
        en: 'With the scheme before it in braces, or all of one scheme.',
        ja: '波括弧の方式名が前に付くか、すべて同じ方式です。',
      },
      why: {en: 'Dovecot compares it with what is typed.', ja: 'Dovecot が入力と照合します。'},
      example: 'password',
      level: 'basic',
      initial: () => 'password',
      offers: context => namesIn(context, 'columns'),
      validate: columnProblem,
      live: (_column, context) => tableCheckOf(context, {}),
    }),
    active_column: text({
      ask: {
        en: 'Which column says that an account is in use (empty: none)?',
        ja: 'アカウントが有効であることを示す列はどれですか (空ならなし)。',
      },
      help: {
        en: 'It is 1 or true for accounts that may log in and get mail.',
        ja: 'ログインと受信を許すアカウントで 1 または true の列です。',
      },
      why: {
        en: 'An account that was switched off must not get mail.',
        ja: '無効なアカウントにメールを届けないためです。',
      },
      example: 'active',
      level: 'advanced',
      initial: () => '',
      offers: context => namesIn(context, 'columns'),
      validate: column => (column === '' ? undefined : columnProblem(column)),
      live: (column, context) => (column === '' ? undefined : tableCheckOf(context, {})),
    }),
    scheme: select({
      ask: {
        en: 'Of which scheme are hashes that do not say it themselves?',
        ja: '方式名の付かないハッシュはどの方式ですか。',
      },
      help: {
        en: 'It is compared with some hashes that are there.',
        ja: '実際のハッシュと照合します。',
      },
      why: {
        en: 'With a wrong one nobody could log in.',
        ja: '間違うと誰もログインできません。',
      },
      level: 'advanced',
      choices: schemes.map(value => ({value, label: {en: value, ja: value}})),
      initial: () => 'BLF-CRYPT',
      live: (scheme, context) => tableCheckOf(context, {scheme}),
    }),
    accounts: accounts({
      ask: {en: 'Who gets the first mailbox?', ja: '最初のメールボックスは誰のものですか。'},
      help: {
        en: 'The whole mail address; it is also the name to log in with. Later accounts are made in the database.',
        ja: 'メールアドレス全体で、ログイン名にもなります。以後のアカウントはデータベースで作成します。',
      },
      why: {
        en: 'With it the server is proved by a real login and a real message.',
        ja: '実際のログインとメールでサーバーを確認できます。',
      },
      example: 'anna@example.com',
      level: 'basic',
      when: ({answers}) => isMade(answers),
      initial: () => undefined,
      validate: (value, {answers}) => {
        const names = value.map(({name}) => name);
        return (
          names.map(name => addressProblem(name)).find(Boolean) ??
          (names.every(name => domainsOf(answers).includes(name.slice(name.indexOf('@') + 1)))
            ? undefined
            : texts.stranger) ??
          (new Set(names).size < names.length ? texts.twice : undefined) ??
          (value.some(({password}) => password === 'keep') ? texts.silent : undefined)
        );
      },
      validateSecret: (password, _context, name) => passwordProblem(password, name),
    }),
    sample: text({
      ask: {
        en: 'Which account shall the login be tried with (empty: none)?',
        ja: 'どのアカウントでログインを確認しますか (空なら確認しません)。',
      },
      help: {
        en: 'An address that is in the database. It is looked up now and, after the changes, logged in with.',
        ja: 'データベースにあるアドレスです。今すぐ検索し、変更後にログインします。',
      },
      why: {
        en: 'Without it nobody can say whether people will be able to log in.',
        ja: 'ないと、利用者がログインできるか確認できません。',
      },
      example: 'anna@example.com',
      level: 'basic',
      when: ({answers}) => !isMade(answers),
      initial: () => '',
      validate: (name, {answers}) =>
        name === ''
          ? undefined
          : (addressProblem(name) ??
            (domainsOf(answers).includes(name.slice(name.indexOf('@') + 1)) || !hasPostfix(answers)
              ? undefined
              : texts.stranger)),
    }),
    sample_password: secretQuestion({
      ask: {en: 'What is its password?', ja: 'そのパスワードは何ですか。'},
      help: {
        en: 'It is used for the checks of this run and kept nowhere.',
        ja: '今回の確認にだけ使い、どこにも残しません。',
      },
      why: {
        en: 'A login that works is the only proof that the hashes are understood.',
        ja: 'ハッシュが正しく解釈されることは、実際のログインでしか確かめられません。',
      },
      level: 'basic',
      canGenerate: false,
      when: ({answers}) => !isMade(answers) && (answers['auth-sql']?.['sample'] ?? '') !== '',
      initial: () => 'keep',
      validate: password => (password === 'generate' ? texts.notGenerated : undefined),
      live: (password, context) => {
        const name = String(context.answers['auth-sql']?.['sample'] ?? '');
        return tableCheckOf(context, {
          scheme: String(context.answers['auth-sql']?.['scheme'] ?? 'BLF-CRYPT'),
          sample: {name, password},
        });
      },
    }),
  },
  packages: ({all}) => {
    const engine = engineOf(all);
    return [`dovecot-${engine}`, ...(hasPostfix(all) ? ([`postfix-${engine}`] as const) : [])];
  },
  materials: ({answers: {scheme = 'BLF-CRYPT'}, all, facts, platform}) => [
    ...passwordMaterials(all, sqlThere(facts, platform)),
    ...accountMaterials(all, scheme, sqlThere(facts, platform)),
  ],
  adopt: sqlThere,
  plan: ({answers: {scheme = 'BLF-CRYPT'}, all, facts, platform, materials}): readonly Want[] => {
    const source = sourceOf(all);
    const table = tableOf(all);
    if (source === undefined || table === undefined) {
      return [];
    }

    const {engine} = source;
    const owner = mailUserOf(all);
    const virtual = {uid: owner, gid: owner, home: `${mailRootOf(all)}/{domain}/{name}`};
    const name = source.engine === 'sqlite' ? source.file : source.host;
    const password = isKept(all, sqlThere(facts, platform)) ? 'keep' : 'material';
    return [
      ...madeWants(all, materials, password),
      ...movedSource(name, facts, platform),
      {kind: 'block', in: 'dovecot', at: 'database', value: {name, source, password}, state: 'present'},
      {
        kind: 'block',
        in: 'dovecot',
        at: 'passdb',
        value: {driver: 'sql', engine, table, scheme},
        state: 'present',
      },
      {
        kind: 'block',
        in: 'dovecot',
        at: 'userdb',
        value: {driver: 'sql', engine, table, virtual},
        state: 'present',
      },
    ];
  },
  probes: ({all}) => [
    {
      id: 'accounts:database',
      section: 'auth-sql',
      kind: 'users-listed',
      expect: [sampleOf(all)?.name].filter(name => name !== undefined),
    },
  ],
  notes: ({all, facts}) => sqlNotes(all, facts),
});

const texts = {
  stranger: {
    en: 'That address is not in one of the domains of this server.',
    ja: 'そのアドレスはこのサーバーのドメインに属していません。',
  },
  twice: {en: 'An address is there twice.', ja: 'アドレスが重複しています。'},
  silent: {en: 'Each of them needs a password.', ja: 'それぞれにパスワードが必要です。'},
  notGenerated: {
    en: 'Only the owner of the account knows its password.',
    ja: 'パスワードを知るのはアカウントの持ち主だけです。',
  },
} satisfies Record<string, Text>;
