import {list, yesNo} from '../src/core/question.js';
import type {Finding} from '../src/core/finding.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {nologinProblem} from './lib/nologin.js';
import {hasList, hasPam, usersFileOf} from './lib/people.js';
import {main, postfixPath, queueDirectoryOf, settingOf} from './lib/postfix.js';
import {hasDovecot, isServer, tlsFilesOf} from './lib/read.js';

/** Small doors that nobody needs open. */
export const hardening = defineStep({
  id: 'hardening',
  title: {en: 'Hardening', ja: '堅牢化'},
  why: {
    en: 'VRFY tells strangers who exists; a client that does not greet is no mail server.',
    ja: 'VRFY は宛先の有無を漏らします。挨拶しない相手はメールサーバーではありません。',
  },
  needs: ['smtp'],
  owns: ['main.cf:disable_vrfy_command', 'main.cf:smtpd_helo_required'],
  applies: (_facts, all) => isServer(all),
  questions: {
    disable_vrfy: yesNo({
      ask: {
        en: 'Keep strangers from asking which addresses exist?',
        ja: 'アドレスの有無を問い合わせる VRFY を無効にしますか。',
      },
      help: {
        en: 'The command VRFY answers that; no mail program uses it.',
        ja: 'VRFY コマンドで調べられますが、メールソフトは使いません。',
      },
      why: {
        en: 'Lists of existing addresses are what spammers and password guessers look for.',
        ja: '存在するアドレスの一覧は、迷惑メールやパスワード攻撃に使われます。',
      },
      level: 'advanced',
      initial: () => true,
    }),
    helo_required: yesNo({
      ask: {
        en: 'Must other servers say who they are before they send?',
        ja: '送信前に名乗ることを必須としますか。',
      },
      help: {en: 'Every real mail server does (HELO).', ja: '正規のメールサーバーは必ず HELO で名乗ります。'},
      why: {
        en: 'Simple spam programs do not bother, and go away.',
        ja: '単純な迷惑メールプログラムは名乗らずに送ろうとします。',
      },
      level: 'advanced',
      initial: () => true,
    }),
    nologin_accounts: list({
      ask: {
        en: 'Which accounts are for mail only, and shall not log in to the system?',
        ja: 'メール専用で、システムへのログインを禁じるアカウントはどれですか。',
      },
      help: {
        en: 'Names of users of this machine. Never all of them, as old advice has it: that locks the administrators out.',
        ja: 'このマシンのユーザー名です。古い資料のように全員を禁じると、管理者もログインできなくなります。',
      },
      why: {
        en: 'A stolen mail password is then no way into the machine.',
        ja: 'メールのパスワードが盗まれても、マシンには入れません。',
      },
      level: 'advanced',
      when: ({facts}) => facts.users.some(({name}) => nologinProblem(name, facts) === undefined),
      initial: () => [],
      validateItem: (name, {facts, platform}) => nologinProblem(name, facts, platform.paths.nologin),
    }),
  },
  adopt: facts =>
    facts.configured.postfix
      ? {
          disable_vrfy: settingOf(facts, 'disable_vrfy_command') === 'yes',
          helo_required: settingOf(facts, 'smtpd_helo_required') === 'yes',
        }
      : {},
  plan: ({
    answers: {disable_vrfy: vrfy = true, helo_required: helo = true, nologin_accounts: accounts = []},
    platform,
  }) => [
    main('disable_vrfy_command', vrfy ? 'yes' : 'no'),
    main('smtpd_helo_required', helo ? 'yes' : 'no'),
    ...accounts.map(user => ({
      kind: 'shell' as const,
      user,
      shell: platform.paths.nologin,
      state: 'present' as const,
    })),
  ],
  probes: ({answers: {disable_vrfy: vrfy = true, helo_required: helo = true}, all, facts, platform}) => [
    ...(vrfy || helo
      ? [
          {
            id: 'hardening:greeting',
            section: 'hardening',
            kind: 'strict-greeting' as const,
            port: 25,
            vrfy,
            helo,
          },
        ]
      : []),
    {
      id: 'hardening:secrets',
      section: 'hardening',
      kind: 'secrets-kept',
      files: [
        tlsFilesOf(all, platform).key,
        ...(hasDovecot(all) && hasList(all) ? [usersFileOf(all)] : []),
        postfixPath(facts, 'sasl_passwd'),
      ],
    },
    {id: 'hardening:queue', section: 'hardening', kind: 'queue-is-local', path: queueDirectoryOf(facts)},
  ],
  notes: ({answers: {nologin_accounts: ticked = []}, all, facts, platform}): readonly Finding[] => {
    const open = hasPam(all)
      ? facts.users.filter(
          ({name, shell}) =>
            shell !== platform.paths.nologin &&
            !/\/(?:nologin|false)$/.test(shell) &&
            !ticked.includes(name) &&
            nologinProblem(name, facts) === undefined,
        )
      : [];
    return open.length === 0
      ? []
      : [
          {
            id: 'hardening:shells',
            section: 'hardening',
            severity: 'warning',
            summary: fill(texts.shells, {
              names: open
                .slice(0, 5)
                .map(({name}) => name)
                .join(', '),
              count: open.length,
            }),
            remedy: texts.shellsRemedy,
          },
        ];
  },
});

const texts = {
  shells: {
    en: 'These accounts have a login shell, and nothing that was found here needs it ({count}): {names}.',
    ja: 'ログインシェルを持ち、それを必要とするものが見当たらないアカウントです ({count} 件): {names}',
  },
  shellsRemedy: {
    en: 'Where they are for mail only, tick them: hardening.nologin_accounts.',
    ja: 'メール専用なら hardening.nologin_accounts で選んでください。',
  },
} satisfies Record<string, Text>;
