import {type AskContext, type LiveCheck, secretQuestion, select, text} from '../src/core/question.js';
import type {SecretRef} from '../src/core/secret.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {
  everybodyOf,
  filterOf,
  type LdapShape,
  loginNameOf,
  looksUp,
  sampleOf,
  serverOf,
  shapeOf,
  templateOf,
  usualFilter,
} from './lib/ldap.js';
import {directoryQuestions} from './lib/ldap-questions.js';
import {directoryThere} from './lib/ldap-there.js';
import {filterProblem, templateProblem} from './lib/ldap-words.js';
import {foundBy} from '../src/core/ldap/pattern.js';
import {hasLdap, hasPam} from './lib/people.js';
import {answer, domainsOf, hasDovecot, hasPostfix, isServer, mailRootOf, mailUserOf} from './lib/read.js';
import {addressProblem} from './lib/validate.js';

const own = <T>({answers}: Pick<AskContext, 'answers'>, question: string) =>
  answer<T>(answers, 'auth-ldap', question);
// Without Postfix, which has to know who is there, a name that is built lets people in where nobody may look them up.
const searches = ({answers}: Pick<AskContext, 'answers'>) => looksUp(answers) || hasPostfix(answers);
const questions = directoryQuestions({
  id: 'auth-ldap',
  server: ({answers}) => serverOf(answers),
  searches,
});

/** A test of the directory with somebody in it. */
const check = (
  {answers}: AskContext,
  stage: 'person' | 'login',
  person: string,
  password?: SecretRef,
): LiveCheck => {
  const template = templateOf(answers);
  return {
    kind: 'ldap',
    section: 'auth-ldap',
    stage,
    server: serverOf(answers),
    filter: filterOf(answers),
    person,
    ...(template === undefined ? {} : {template}),
    ...(password === undefined ? {} : {password}),
  };
};

/** Accounts that a directory keeps: Dovecot lets it check the passwords, Postfix asks it who is there. */
export const authLdap = defineStep({
  id: 'auth-ldap',
  side: 'dovecot',
  title: {en: 'Directory', ja: 'ディレクトリー'},
  why: {
    en: 'People have one account for everything, and it is kept in one place.',
    ja: 'アカウントを一か所で管理し、あらゆる用途に使えます。',
  },
  needs: ['role', 'vmail', 'auth'],
  owns: ['directory', 'auth.realm'],
  applies: (_facts, all) => hasDovecot(all) && hasLdap(all),
  questions: {
    shape: select({
      ask: {en: 'What kind of directory is it?', ja: 'ディレクトリーの種類は何ですか。'},
      help: {
        en: 'It decides how people are found; that can be changed.',
        ja: '人の探し方の初期値が決まります。後で変更できます。',
      },
      why: {
        en: 'Each kind names the same things differently.',
        ja: '種類ごとに項目の名前が異なります。',
      },
      level: 'basic',
      choices: [
        {value: 'openldap', label: {en: 'OpenLDAP, 389 or alike', ja: 'OpenLDAP、389 など'}},
        {value: 'active-directory', label: {en: 'Active Directory', ja: 'Active Directory'}},
      ],
      initial: () => 'openldap',
    }),
    servers: questions.servers,
    starttls: questions.starttls,
    ca: questions.ca,
    base: questions.base,
    scope: select({
      ask: {en: 'How far below it are they?', ja: 'どの深さまで探しますか。'},
      help: {
        en: 'Anywhere below, or directly below and no deeper.',
        ja: 'その下すべてか、直下だけかです。',
      },
      why: {
        en: 'Entries elsewhere, such as those of services, should not have mail.',
        ja: 'サービス用など別の場所のエントリーにメールを持たせないためです。',
      },
      level: 'advanced',
      choices: [
        {value: 'subtree', label: {en: 'Anywhere below', ja: 'その下すべて'}},
        {value: 'onelevel', label: {en: 'Directly below', ja: '直下のみ'}},
      ],
      initial: () => 'subtree',
    }),
    bind_dn: questions.bind_dn,
    bind_password: questions.bind_password,
    way: select({
      ask: {en: 'How does the server get to a person’s entry?', ja: '人のエントリーをどう特定しますか。'},
      help: {
        en: 'It is searched for, or its name is built from the login name.',
        ja: '検索するか、ログイン名から識別名を組み立てます。',
      },
      why: {
        en: 'A name that is built costs no search, but all people must be in one place.',
        ja: '組み立てれば検索は不要ですが、全員が同じ場所にいる必要があります。',
      },
      level: 'advanced',
      choices: [
        {value: 'search', label: {en: 'By searching', ja: '検索する'}},
        {value: 'template', label: {en: 'By a pattern of names', ja: '識別名の型を使う'}},
      ],
      initial: () => 'search',
    }),
    template: text({
      ask: {en: 'What does the name of an entry look like?', ja: 'エントリーの識別名はどんな形ですか。'},
      help: {
        en: '{user} is the address, {name} the part before the @. Active Directory takes {user} alone.',
        ja: '{user} はアドレス全体、{name} は @ の前です。Active Directory では {user} だけで構いません。',
      },
      why: {
        en: 'People bind with that name and their password.',
        ja: 'この名前と本人のパスワードで認証します。',
      },
      example: 'uid={name},ou=people,dc=example,dc=com',
      level: 'advanced',
      when: context => own<string>(context, 'way') === 'template',
      initial: context =>
        shapeOf(context.answers) === 'active-directory'
          ? '{user}'
          : `uid={name},${own<string>(context, 'base') ?? ''}`,
      validate: templateProblem,
    }),
    filter: text({
      ask: {en: 'By which filter is a person found?', ja: '人をどのフィルターで探しますか。'},
      help: {
        en: 'RFC 4515. {user} is the whole address, {name} the part before the @, {domain} the part after it.',
        ja: 'RFC 4515 の形式です。{user} はアドレス全体、{name} は @ の前、{domain} は後です。',
      },
      why: {
        en: 'Whom it finds can log in and gets mail; all others are refused while the sender waits.',
        ja: '見つかった人だけがログインと受信ができ、ほかはその場で拒否します。',
      },
      level: 'advanced',
      initial: ({answers}) => usualFilter(shapeOf(answers) satisfies LdapShape),
      validate: filterProblem,
      caution: (filter, {answers}) =>
        foundBy(filter)?.variable === 'name' && domainsOf(answers).length > 1 ? texts.domains : undefined,
    }),
    sample: text({
      ask: {
        en: 'Whose account shall prove that it works (empty: nobody’s)?',
        ja: '誰のアカウントで動作を確認しますか (空なら確認しません)。',
      },
      help: {
        en: 'A mail address of somebody in the directory.',
        ja: 'ディレクトリーにいる人のメールアドレスです。',
      },
      why: {
        en: 'With it the server is proved by a real login and a real message.',
        ja: '実際のログインとメールでサーバーを確認できます。',
      },
      example: 'anna@example.com',
      level: 'basic',
      initial: () => '',
      validate: address => (address === '' ? undefined : addressProblem(address)),
      live: (address, context) =>
        address === '' || !searches(context) ? undefined : check(context, 'person', address),
    }),
    sample_password: secretQuestion({
      ask: {en: 'What is the password of that account?', ja: 'そのアカウントのパスワードは何ですか。'},
      help: {en: 'It is tried, and kept nowhere.', ja: '試すだけで、どこにも保存しません。'},
      why: {
        en: 'Only a login shows that people can log in.',
        ja: 'ログインできることは、実際にログインしないとわかりません。',
      },
      level: 'basic',
      canGenerate: false,
      when: context => (own<string>(context, 'sample') ?? '') !== '',
      initial: () => undefined,
      validate: password => (password === 'generate' ? texts.notGenerated : undefined),
      validateSecret: value => (value === '' ? texts.empty : undefined),
      live: (password, context) =>
        password === 'keep'
          ? undefined
          : check(context, 'login', own<string>(context, 'sample') ?? '', password),
    }),
  },
  packages: ({all}) => ['dovecot-ldap', ...(isServer(all) ? (['postfix-ldap'] as const) : [])],
  adopt: facts => directoryThere(facts),
  plan: ({all}): readonly Want[] => {
    const filter = filterOf(all);
    const template = templateOf(all);
    const owner = mailUserOf(all);
    const virtual = {uid: owner, gid: owner, home: `${mailRootOf(all)}/{domain}/{name}`};
    const realm = needsRealm(all);
    return [
      {kind: 'block', in: 'dovecot', at: 'directory', value: serverOf(all), state: 'present'},
      {
        kind: 'block',
        in: 'dovecot',
        at: 'passdb',
        value: {
          driver: 'ldap',
          filter,
          wholeNames: hasPam(all),
          ...(template === undefined ? {} : {template}),
        },
        state: 'present',
      },
      {
        kind: 'block',
        in: 'dovecot',
        at: 'userdb',
        value: looksUp(all)
          ? {driver: 'ldap', filter, everybody: everybodyOf(all), user: loginNameOf(all), virtual}
          : {driver: 'static', virtual, ...(isServer(all) ? {everybody: true} : {})},
        state: 'present',
      },
      ...(realm === undefined
        ? []
        : [{kind: 'setting', in: 'dovecot', at: 'auth.realm', op: 'set', value: realm} as const]),
    ];
  },
  probes: ({all}) => {
    const person = sampleOf(all);
    return [
      {
        id: 'ldap',
        section: 'auth-ldap',
        kind: 'directory',
        server: serverOf(all),
        filter: filterOf(all),
        everybody: everybodyOf(all),
        listed: looksUp(all),
        ...(person === undefined ? {} : {person}),
      },
    ];
  },
  notes: ({facts}) =>
    facts.fips
      ? [
          {
            id: 'auth-ldap:fips',
            section: 'auth-ldap',
            severity: 'warning',
            summary: texts.fips,
            remedy: texts.fipsRemedy,
          },
        ]
      : [],
});

// Where the directory knows people by the part before the @, that alone is a login name too, and must lead to the same mailbox.
const needsRealm = (all: AskContext['answers']) =>
  !hasPam(all) && (foundBy(filterOf(all))?.variable === 'name' || (templateOf(all) ?? '').includes('{name}'))
    ? domainsOf(all)[0]
    : undefined;

const texts = {
  domains: {
    en: 'Without the domain in it, the filter finds the same person in each of the domains, with a mailbox in each.',
    ja: 'フィルターにドメインがないため、同じ人がすべてのドメインにそれぞれメールボックスを持ちます。',
  },
  empty: {
    en: 'A directory takes an empty password for nobody in particular: it proves nothing.',
    ja: '空のパスワードは匿名とみなされるため、確認になりません。',
  },
  notGenerated: {
    en: 'It is a password that exists: only its owner knows it.',
    ja: '既存のパスワードのため、生成はできません。',
  },
  fips: {
    en: 'In FIPS mode this machine speaks TLS 1.2 only with servers that know the Extended Master Secret.',
    ja: 'FIPS モードでは、TLS 1.2 の場合 Extended Master Secret に対応したサーバーとしか通信できません。',
  },
  fipsRemedy: {
    en: 'The directory needs TLS 1.3, or EMS (RFC 7627): RHEL 9.2 and later refuse it otherwise.',
    ja: 'ディレクトリー側に TLS 1.3 か EMS (RFC 7627) が必要です。RHEL 9.2 以降ではないと接続できません。',
  },
} satisfies Record<string, Text>;
