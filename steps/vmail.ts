import type {Facts} from '../src/core/facts.js';
import type {Finding} from '../src/core/finding.js';
import {text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {mailOwnerThere} from './lib/dovecot-there.js';
import {hasMailOwner} from './lib/people.js';
import {hasDovecot} from './lib/read.js';
import {mailRootProblem} from './lib/validate.js';

/** The user and the place that hold the mail of people who have no system account. */
export const vmail = defineStep({
  id: 'vmail',
  side: 'dovecot',
  title: {en: 'Mail owner', ja: 'メールの所有者'},
  why: {
    en: 'Mail belongs to one user of its own, who can do nothing else.',
    ja: 'メールは、ほかに何もできない専用ユーザーが所有します。',
  },
  needs: ['role'],
  owns: ['user:*'],
  applies: (_facts, all) => hasDovecot(all) && hasMailOwner(all),
  questions: {
    user: text({
      ask: {en: 'Which user owns the mail?', ja: 'メールを所有するユーザーはどれですか。'},
      help: {
        en: 'It is made if it is not there; it cannot log in.',
        ja: 'なければ作成します。ログインはできません。',
      },
      why: {
        en: 'Dovecot’s own users must not own mail.',
        ja: 'Dovecot 自身のユーザーにメールを所有させてはいけません。',
      },
      level: 'advanced',
      initial: () => 'vmail',
      validate: (name, {facts}) =>
        name === mailOwnerThere(facts).user ? undefined : ownerProblem(name, facts),
    }),
    root: text({
      ask: {en: 'In which directory is the mail kept?', ja: 'メールをどのディレクトリーに置きますか。'},
      help: {
        en: 'A directory of its own. One that exists is kept as it is.',
        ja: '専用のディレクトリーです。既にあればそのまま使います。',
      },
      why: {
        en: '/var/mail itself belongs to the mail of root and cron.',
        ja: '/var/mail は root や cron のメールのためのものです。',
      },
      level: 'advanced',
      initial: () => '/var/vmail',
      // What is there already is the machine's own choice.
      validate: (path, {facts}) => (path === mailOwnerThere(facts).root ? undefined : mailRootProblem(path)),
    }),
  },
  adopt: mailOwnerThere,
  plan: ({answers: {user = 'vmail', root = '/var/vmail'}, platform}) => [
    {
      kind: 'user',
      name: user,
      group: user,
      home: root,
      shell: platform.paths.nologin,
      comment: 'Virtual mail',
      state: 'present',
    },
    {kind: 'directory', path: root, owner: user, group: user, mode: 0o700, state: 'present'},
    {kind: 'label', path: root, type: 'mail_spool_t', state: 'present'},
  ],
  probes: () => [],
  notes: ({answers: {user = 'vmail', root = '/var/vmail'}, facts}) => strangers(user, root, facts),
});

// Numbers below 100 are given out by the distribution itself (Debian Policy 9.2.2; useradd(8) on the others keeps below 201).
const ownerProblem = (name: string, {users, session}: Facts): Text | undefined => {
  const there = users.find(other => other.name === name);
  return !/^[a-z_][a-z0-9_-]{0,30}$/.test(name) ||
    ['root', 'dovecot', 'dovenull', 'postfix', 'mail', 'nobody'].includes(name)
    ? texts.owner
    : there?.elsewhere === true
      ? fill(texts.elsewhere, {name})
      : there !== undefined && (there.uid < 100 || there.uid === 65_534 || name === session.user)
        ? fill(texts.taken, {name})
        : undefined;
};

// Nothing in a directory that is there is given to anybody: whose it is, is for people to settle.
const strangers = (user: string, root: string, {paths, users}: Facts): readonly Finding[] => {
  const there = paths[root];
  const uid = users.find(({name}) => name === user)?.uid;
  return there?.type !== 'directory' || there.empty !== false || there.uid === uid
    ? []
    : [
        {
          id: 'vmail:strangers',
          section: 'vmail',
          severity: 'warning',
          summary: fill(texts.strangers, {
            root,
            owner: users.find(other => other.uid === there.uid)?.name ?? there.uid,
            user,
          }),
          remedy: fill(texts.strangersRemedy, {root}),
        },
      ];
};

const texts = {
  owner: {
    en: 'Choose a name of its own: lower-case letters, digits, - and _.',
    ja: '専用の名前を、英小文字、数字、- と _ で指定してください。',
  },
  elsewhere: {
    en: '{name} is kept in a directory (nsswitch.conf): the owner of all mail must be known when that is away.',
    ja: '{name} はディレクトリー (nsswitch.conf) のアカウントです。メールの所有者は、それが使えない時にも必要です。',
  },
  taken: {
    en: '{name} is a user that other things on this machine run as, or yourself: whoever is {name} could read all mail.',
    ja: '{name} はこのマシンのほかの処理かあなた自身が使うユーザーです。{name} になれる者が全員のメールを読めてしまいます。',
  },
  strangers: {
    en: '{root} has files in it and belongs to {owner}, not to {user}; nothing in it is touched.',
    ja: '{root} にはファイルがあり、所有者は {user} ではなく {owner} です。中身には触れません。',
  },
  strangersRemedy: {
    en: 'See whose files these are; move them, change their owner yourself, or name another directory than {root}.',
    ja: '誰のファイルか確認し、移動するか、自分で所有者を変えるか、{root} 以外を指定してください。',
  },
} satisfies Record<string, Text>;
