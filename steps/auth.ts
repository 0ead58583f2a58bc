import {multi} from '../src/core/question.js';
import type {Facts} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import type {DovecotItems} from '../src/core/setting.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {authDoor, authNetworkNotes, authNetworkQuestions, hasNetworkAuth} from './lib/auth-network.js';
import {characterNotes, doubledNotes, leftNotes} from './lib/backend-notes.js';
import {doorThere, doorWants} from './lib/network-listener.js';
import {looksUp} from './lib/ldap.js';
import {backendsOf, hasAddresses, hasLdap, hasList, hasPam, hasSql} from './lib/people.js';
import {pamGate} from './lib/pam.js';
import {hasDovecot} from './lib/read.js';

const mechanisms = ['plain', 'login'] as const;

/** Where accounts live, and how people prove who they are. No password is taken without TLS. */
export const auth = defineStep({
  id: 'auth',
  side: 'dovecot',
  title: {en: 'Logging in', ja: 'ログイン'},
  why: {
    en: 'A stolen mail password should open a mailbox and nothing else.',
    ja: 'メールのパスワードが盗まれても、開くのはメールボックスだけにします。',
  },
  needs: ['role'],
  owns: ['passdb', 'userdb', 'auth.*', 'listener.inet auth*', 'port:*'],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    backends: multi({
      ask: {en: 'Where do accounts live?', ja: 'アカウントはどこにありますか。'},
      help: {
        en: 'Users of this machine log in with their name, all others with their whole address.',
        ja: 'このマシンのユーザーはユーザー名で、ほかはメールアドレス全体でログインします。',
      },
      why: {
        en: 'An account of a list cannot log in to the system; a user of the machine has one password for both.',
        ja: '一覧のアカウントはシステムにログインできません。マシンのユーザーは両方に同じパスワードを使います。',
      },
      level: 'basic',
      choices: [
        {
          value: 'passwd-file',
          label: {en: 'A list on this server (passwd-file)', ja: 'このサーバー上の一覧 (passwd-file)'},
        },
        {
          value: 'sql',
          label: {
            en: 'A database (MariaDB, PostgreSQL, SQLite)',
            ja: 'データベース (MariaDB、PostgreSQL、SQLite)',
          },
        },
        {
          value: 'ldap',
          label: {en: 'A directory (LDAP, Active Directory)', ja: 'ディレクトリー (LDAP、Active Directory)'},
        },
        {value: 'pam', label: {en: 'This machine’s users (PAM)', ja: 'このマシンのユーザー (PAM)'}},
      ],
      initial: () => ['passwd-file'],
      validate: backends =>
        backends.length === 0
          ? texts.nobody
          : new Set(backends).size < backends.length
            ? texts.twice
            : undefined,
      caution: backends =>
        backends.filter(backend => backend !== 'pam').length > 1
          ? texts.two
          : backends.length > 1
            ? texts.both
            : undefined,
    }),
    mechanisms: multi({
      ask: {
        en: 'How may a mail program send the password?',
        ja: 'メールソフトはどの方式でパスワードを送れますか。',
      },
      help: {
        en: 'PLAIN is enough; LOGIN is for old programs by Microsoft. Both only inside TLS.',
        ja: 'PLAIN で十分です。LOGIN は古い Microsoft 製ソフト用です。どちらも TLS の中だけで使えます。',
      },
      why: {
        en: 'Methods that hide the password need it stored readable; TLS hides it without that.',
        ja: 'パスワードを隠す方式では元のパスワードの保存が必要です。TLS ならその必要はありません。',
      },
      level: 'advanced',
      choices: [
        {value: 'plain', label: {en: 'PLAIN', ja: 'PLAIN'}},
        {value: 'login', label: {en: 'LOGIN', ja: 'LOGIN'}},
      ],
      initial: () => ['plain', 'login'],
      validate: chosen =>
        chosen.includes('plain') ? undefined : chosen.length === 0 ? texts.noMechanism : texts.plain,
    }),
    ...authNetworkQuestions,
  },
  adopt: facts => ({...backendsThere(facts), ...mechanismsThere(facts), ...networkThere(facts)}),
  plan: ({
    answers: {mechanisms: chosen = mechanisms, network_hosts: hosts, network_port: port},
    all,
    facts,
  }) => [
    ...doorWants(authDoor, {on: hasNetworkAuth(all), hosts, port}, all, facts),
    // Dovecot's packages ask PAM by default: root could log in over IMAP with its system password. Where all is in one file, the
    // user database goes too: system users would get mail that nobody can read.
    ...(hasPam(all)
      ? []
      : [gone('passdb', {driver: 'pam', bareNames: false}), gone('userdb', {driver: 'passwd'})]),
    ...(hasList(all)
      ? []
      : [
          gone('passdb', {driver: 'passwd-file', file: '', scheme: ''}),
          gone('userdb', {driver: 'passwd-file', file: '', virtual: {uid: '', gid: '', home: ''}}),
        ]),
    ...(hasSql(all)
      ? []
      : [
          gone('passdb', {driver: 'sql', engine: 'mysql', table: none, scheme: ''}),
          gone('userdb', {
            driver: 'sql',
            engine: 'mysql',
            table: none,
            virtual: {uid: '', gid: '', home: ''},
          }),
        ]),
    ...(hasLdap(all) || !asks(facts, 'ldap')
      ? []
      : [
          gone('passdb', {driver: 'ldap', filter: '', wholeNames: false}),
          gone('userdb', {
            driver: 'ldap',
            filter: '',
            everybody: '',
            user: '',
            virtual: {uid: '', gid: '', home: ''},
          }),
        ]),
    // Everybody was there while a directory's names were built; now it is asked who is.
    ...(hasLdap(all) && looksUp(all) && asks(facts, 'static')
      ? [gone('userdb', {driver: 'static', virtual: {uid: '', gid: '', home: ''}})]
      : []),
    ...(backendsOf(all).length > 1
      ? ([{kind: 'setting', in: 'dovecot', at: 'auth.order', op: 'set', value: backendsOf(all)}] as const)
      : []),
    {kind: 'setting', in: 'dovecot', at: 'auth.cleartext', op: 'set', value: false},
    {
      kind: 'setting',
      in: 'dovecot',
      at: 'auth.username',
      op: 'set',
      value: hasAddresses(all) ? 'lower' : 'lower-local-part',
    },
    ...mechanisms.map(
      value =>
        ({
          kind: 'item',
          in: 'dovecot',
          at: 'auth.mechanisms',
          value,
          state: chosen.includes(value) ? 'present' : 'absent',
        }) as const,
    ),
  ],
  probes: ({answers: {network_port: port = authDoor.port}, all, platform}) => [
    ...(hasNetworkAuth(all)
      ? ([
          {id: 'auth:network', section: 'auth', kind: 'ports', open: [port], closed: []},
          {id: 'auth:strangers', section: 'auth', kind: 'closed-to-strangers', port},
        ] as const)
      : []),
    {
      id: 'auth:root',
      section: 'auth',
      kind: 'system-account-refused',
      user: 'root',
      ...(hasPam(all) ? {gate: {file: platform.paths.dovecotPam, rule: pamGate(all)}} : {}),
    },
    {id: 'auth:config', section: 'auth', kind: 'dovecot-config'},
  ],
  notes: ({answers: {network_port: port = authDoor.port}, all, facts}): readonly Finding[] => {
    const others = readDovecot(facts)
      .passdbs.map(({driver}) => driver)
      .filter(driver => !isKnown(driver));
    return [
      ...authNetworkNotes(port, all),
      ...leftNotes(all, facts),
      ...doubledNotes(facts),
      ...characterNotes(facts),
      ...(facts.configured.dovecot && others.length > 0
        ? [
            {
              id: 'auth:others',
              section: 'auth',
              severity: 'warning' as const,
              summary: fill(texts.others, {others: others.join(', '), ours: backendsOf(all).join(', ')}),
              remedy: texts.othersRemedy,
            },
          ]
        : []),
    ];
  },
});

const none = {table: '', user: '', password: ''};

const gone = <K extends 'passdb' | 'userdb'>(at: K, value: DovecotItems[K]) =>
  ({kind: 'block', in: 'dovecot', at, value, state: 'absent'}) as Want;

const isKnown = (driver: string): driver is 'pam' | 'passwd-file' | 'sql' | 'ldap' =>
  ['pam', 'passwd-file', 'sql', 'ldap'].includes(driver);

const asks = (facts: Facts, name: string) =>
  [...readDovecot(facts).passdbs, ...readDovecot(facts).userdbs].some(({driver}) => driver === name);

// Back ends that these questions do not know are the machine's own way.
const backendsThere = (facts: Facts) => {
  const drivers = [...new Set(readDovecot(facts).passdbs.map(({driver}) => driver))];
  const known = drivers.filter(isKnown);
  return known.length > 0 && known.length === drivers.length ? {backends: known} : {};
};

const networkThere = (facts: Facts) => {
  const there = doorThere(authDoor, facts);
  return facts.configured.dovecot
    ? {
        network: there !== undefined,
        ...(there === undefined ? {} : {network_hosts: there.hosts, network_port: there.port}),
      }
    : {};
};

const mechanismsThere = (facts: Facts) => {
  const there = readDovecot(facts).lists['auth.mechanisms'] ?? ['plain'];
  const known = mechanisms.filter(name => there.includes(name));
  return known.length === there.length && known.includes('plain') ? {mechanisms: known} : {};
};

const texts = {
  nobody: {
    en: 'Without a place for accounts nobody could log in.',
    ja: 'アカウントの場所がないと、誰もログインできません。',
  },
  twice: {en: 'A place is named twice.', ja: '同じ場所が重複しています。'},
  two: {
    en: 'An address that stands in more than one of these has two passwords, and each of them opens the one mailbox.',
    ja: '複数の場所にあるアドレスはパスワードが複数になり、どれでも同じメールボックスが開きます。',
  },
  both: {
    en: 'A name with an @ is looked up there, one without it among the users of this machine: never in both.',
    ja: '@ を含む名前はそこから、含まない名前はこのマシンのユーザーから探します。両方を探すことはありません。',
  },
  noMechanism: {en: 'Without a method nobody could log in.', ja: '方式がないと、誰もログインできません。'},
  plain: {
    en: 'PLAIN is needed: it is the only one that all mail programs know.',
    ja: 'すべてのメールソフトが対応する PLAIN が必要です。',
  },
  others: {
    en: 'Passwords are also asked of {others} on this machine; where two answer for one name, the first one counts ({ours}).',
    ja: 'このマシンでは {others} にもパスワードを照会します。同じ名前が複数にあると最初のものが有効です ({ours})。',
  },
  othersRemedy: {
    en: 'See the order of passdb blocks in “doveconf -n”.',
    ja: '「doveconf -n」で passdb の順序を確認してください。',
  },
} satisfies Record<string, Text>;
