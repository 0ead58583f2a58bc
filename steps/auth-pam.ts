import {passwordProblem} from '../src/core/password-policy.js';
import {type AllAnswers, accounts, number, select, yesNo} from '../src/core/question.js';
import {type Facts, isPersonal, mostUid} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {pamThere} from './lib/pam-there.js';
import {accountWants, fresh, isThere, rangeWants, skeleton, stackWants} from './lib/pam-wants.js';
import {
  formatOf,
  hasAddresses,
  hasPam,
  homesOf,
  lastUidOf,
  systemPathOf,
  systemPeopleOf,
  uidRangeOf,
} from './lib/people.js';
import {answer, hasDovecot, mailRootOf, mailUserOf} from './lib/read.js';

/** People listed in the first question; more are all the people of the machine, and need no list. */
const listed = 20;

/** The machine's own users as mail accounts. */
export const authPam = defineStep({
  id: 'auth-pam',
  side: 'dovecot',
  title: {en: 'Users of this machine', ja: 'このマシンのユーザー'},
  why: {
    en: 'Users of the machine read mail with their system password; root and the services must not.',
    ja: 'マシンのユーザーはシステムのパスワードでメールを読みます。root やサービス用アカウントには許しません。',
  },
  needs: ['role', 'vmail', 'storage', 'auth'],
  owns: ['mail.first_valid_uid', 'mail.last_valid_uid'],
  applies: (_facts, all) => hasDovecot(all) && hasPam(all),
  questions: {
    accounts: accounts({
      ask: {
        en: 'Which users of this machine get a mailbox?',
        ja: 'このマシンのどのユーザーにメールボックスを用意しますか。',
      },
      help: {
        en: 'Names of users. One that is not there is made, for mail only; one that is there keeps its password (type it to have the login tried).',
        ja: 'ユーザー名です。存在しなければメール専用に作成します。存在する場合パスワードは変えません (入力するとログインを確認します)。',
      },
      why: {
        en: 'With one of them the server is proved by a real login and a real message.',
        ja: '実際のログインとメールでサーバーを確認できます。',
      },
      example: 'anna',
      nameLabel: {en: 'User name', ja: 'ユーザー名'},
      level: 'basic',
      initial: ({facts, answers}) => {
        const people = systemPeopleOf(answers, facts);
        return people.length === 0
          ? undefined
          : people.slice(0, listed).map(name => ({name, password: 'keep' as const}));
      },
      validate: (value, {answers, facts}) => {
        const problem = value.map(({name}) => nameProblem(name, answers, facts)).find(Boolean);
        const silent = value.find(({name, password}) => password === 'keep' && !isThere(name, facts));
        const twice = value.find(({name}, index) => value.findIndex(other => other.name === name) !== index);
        return (
          problem ??
          (silent === undefined ? undefined : fill(texts.silent, {name: silent.name})) ??
          (twice === undefined ? undefined : fill(texts.twice, {name: twice.name}))
        );
      },
      caution: (value, {facts, platform}) => {
        const open = value.filter(({name}) => {
          const user = facts.users.find(other => other.name === name);
          return user !== undefined && user.shell !== platform.paths.nologin;
        });
        return open.length === 0
          ? undefined
          : fill(texts.shell, {names: open.map(({name}) => name).join(', ')});
      },
      validateSecret: (password, _context, name) => passwordProblem(password, name),
    }),
    homes: select({
      ask: {en: 'Where is their mail kept?', ja: 'メールをどこに保管しますか。'},
      help: {
        en: 'In their homes it belongs to themselves. With the owner of all mail, one user holds it for everybody.',
        ja: 'ホームなら各自の所有です。専用ユーザーなら全員の分をまとめて所有します。',
      },
      why: {
        en: 'Mail that belongs to each person is kept apart by the system itself.',
        ja: '各自の所有なら、システム自体がメールを分け隔てます。',
      },
      level: 'advanced',
      choices: [
        {value: 'real', label: {en: 'In their homes', ja: '各自のホーム'}},
        {value: 'virtual', label: {en: 'With the owner of all mail', ja: 'メール専用ユーザーの下'}},
      ],
      initial: () => 'real',
    }),
    first_uid: number({
      ask: {
        en: 'What is the lowest number of a user who is a person?',
        ja: '人のユーザーの最小の番号はいくつですか。',
      },
      help: {
        en: 'Users below it cannot log in to mail, root above all.',
        ja: 'それより小さい番号 (特に root) はメールにログインできません。',
      },
      why: {
        en: 'Else whoever guesses at root’s password over IMAP guesses at the machine’s.',
        ja: 'そうしないと、IMAP で root のパスワードを試され、マシンが狙われます。',
      },
      level: 'advanced',
      min: 500,
      max: mostUid,
      initial: () => 1000,
    }),
    last_uid: number({
      ask: {en: 'And the highest?', ja: '最大の番号はいくつですか。'},
      help: {
        en: 'As in login.defs: UID_MAX; users of a directory (SSSD) have higher ones, which “id NAME” shows.',
        ja: 'login.defs の UID_MAX と同じです。ディレクトリー (SSSD) のユーザーはさらに大きく、「id 名前」でわかります。',
      },
      why: {
        en: 'Numbers above it belong to nobody who reads mail; 65534 (nobody) is kept out in any case.',
        ja: 'それより大きい番号の者はメールを読みません。65534 (nobody) は常に除きます。',
      },
      level: 'advanced',
      min: 500,
      max: mostUid,
      initial: ({facts}) => lastUidOf(facts),
      validate: (value, {answers}) =>
        value < (answer<number>(answers, 'auth-pam', 'first_uid') ?? 1000)
          ? texts.range
          : value === 65_534 || value === 65_535
            ? texts.nobody
            : undefined,
    }),
    maildir_skel: yesNo({
      ask: {
        en: 'Shall users who are made later start with a Maildir?',
        ja: '今後作るユーザーのホームに Maildir を用意しますか。',
      },
      help: {en: 'It is put into /etc/skel.', ja: '/etc/skel に置きます。'},
      why: {
        en: 'Programs other than Dovecot find the mailbox there; Dovecot makes what is missing by itself.',
        ja: 'Dovecot 以外のプログラムのためです。Dovecot は足りなければ自分で作ります。',
      },
      level: 'advanced',
      when: ({answers}) =>
        homesOf(answers) === 'real' &&
        (answer<string>(answers, 'storage', 'format') ?? 'maildir') === 'maildir',
      initial: () => true,
    }),
  },
  materials: ({all, facts}) =>
    fresh(all, facts).map(({name, password}) => ({
      id: `hash:${name}`,
      user: name,
      kind: 'password-hash' as const,
      scheme: 'SHA512-CRYPT',
      password,
    })),
  adopt: (facts, platform) => pamThere(facts, platform),
  plan: ({answers, all, facts, platform}) => {
    const format = formatOf(all);
    const owner = mailUserOf(all);
    return [
      {
        kind: 'block',
        in: 'dovecot',
        at: 'passdb',
        value: {driver: 'pam', bareNames: hasAddresses(all)},
        state: 'present',
      },
      {
        kind: 'block',
        in: 'dovecot',
        at: 'userdb',
        value: {
          driver: 'passwd',
          ...(homesOf(all) === 'virtual'
            ? {virtual: {uid: owner, gid: owner, home: `${mailRootOf(all)}/users/{name}`}}
            : hasAddresses(all)
              ? {store: {format, path: systemPathOf(all)}}
              : {}),
        },
        state: 'present',
      },
      ...rangeWants(all),
      ...stackWants(all, facts, platform.paths.dovecotPam),
      ...accountWants(all, facts, platform.paths.nologin),
      ...(answers.maildir_skel === true ? skeleton : []),
    ];
  },
  probes: ({answers}) => [
    {
      id: 'accounts:system',
      section: 'auth-pam',
      kind: 'users-listed',
      expect: (answers.accounts ?? []).map(({name}) => name),
      // A directory behind NSS may know whom it does not list.
      byName: true,
    },
  ],
  notes: ({all, facts}) => oldMail(all, facts),
});

// useradd(8): the names that every tool takes.
const nameProblem = (name: string, all: AllAnswers, facts: Facts): Text | undefined => {
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) {
    return fill(texts.name, {name});
  }

  const {first, last} = uidRangeOf(all);
  const user = facts.users.find(other => other.name === name);
  const isOutside =
    user !== undefined &&
    (user.uid < first || user.uid > last || (user.uid >= 1000 && !isPersonal(user.uid)));
  return user?.elsewhere === true && isOutside
    ? fill(texts.outside, {name, uid: user.uid})
    : name === mailUserOf(all) || name === 'root' || isOutside
      ? fill(texts.system, {name})
      : undefined;
};

// Mail of before in the place where the system's own delivery puts it: it would no longer be seen.
const oldMail = (all: AllAnswers, facts: Facts): readonly Finding[] => {
  const names = systemPeopleOf(all, facts).filter(name => {
    const spool = facts.paths[`/var/mail/${name}`];
    return spool?.type === 'file' && spool.empty === false;
  });
  return names.length === 0
    ? []
    : [
        {
          id: 'auth-pam:spool',
          section: 'auth-pam',
          severity: 'warning',
          summary: fill(texts.spool, {names: names.join(', ')}),
          remedy: texts.spoolRemedy,
        },
      ];
};

const texts = {
  name: {
    en: '“{name}” is not a name of a user: lower-case letters, digits, - and _.',
    ja: '「{name}」はユーザー名に使えません。英小文字、数字、- と _ で指定してください。',
  },
  system: {
    en: '{name} belongs to the system and gets no mailbox.',
    ja: '{name} はシステムのアカウントのため、メールボックスを持てません。',
  },
  silent: {
    en: '{name} is not known here and needs a password: a new user gets it; with one of a directory the login is tried.',
    ja: '{name} はここでは未知のため、パスワードが必要です (新しいユーザーに設定。ディレクトリーのユーザーはログイン確認に使用)。',
  },
  outside: {
    en: '{name} is a user of a directory with the number {uid}, which is not among those of people: see “auth-pam.last_uid”.',
    ja: '{name} はディレクトリーのユーザーで、番号 {uid} は人の範囲外です。「auth-pam.last_uid」を確認してください。',
  },
  nobody: {
    en: 'That is the number of nobody: take a lower or a higher one.',
    ja: 'nobody の番号です。それより小さいか大きい番号にしてください。',
  },
  twice: {en: '{name} is there twice.', ja: '{name} が重複しています。'},
  shell: {
    en: 'Whoever learns the mail password of {names} can log in to this machine with it.',
    ja: '{names} のメールのパスワードを知った者は、このマシンにもログインできます。',
  },
  range: {en: 'It must not be below the lowest.', ja: '最小の番号以上にしてください。'},
  spool: {
    en: 'There is mail in /var/mail of: {names}. It stays there and is not shown with the new mail.',
    ja: '/var/mail に {names} のメールがあります。そのまま残りますが、新しいメールとは別になります。',
  },
  spoolRemedy: {
    en: 'Afterwards take it over: doveadm import -u NAME mbox:/var/mail:INBOX=/var/mail/NAME "" all',
    ja: '設定後に取り込めます: doveadm import -u 名前 mbox:/var/mail:INBOX=/var/mail/名前 "" all',
  },
} satisfies Record<string, Text>;
