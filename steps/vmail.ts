import {text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {mailOwnerThere} from './lib/dovecot-there.js';
import {hasMailOwner} from './lib/people.js';
import {hasDovecot} from './lib/read.js';
import {pathProblem} from './lib/validate.js';

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
      validate: name =>
        /^[a-z_][a-z0-9_-]{0,30}$/.test(name) &&
        !['root', 'dovecot', 'dovenull', 'postfix', 'mail', 'nobody'].includes(name)
          ? undefined
          : {
              en: 'Choose a name of its own: lower-case letters, digits, - and _.',
              ja: '専用の名前を、英小文字、数字、- と _ で指定してください。',
            },
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
      validate: pathProblem,
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
  ],
  probes: () => [],
});
