import {select, text} from '../src/core/question.js';
import type {AllAnswers} from '../src/core/question.js';
import type {MailStore} from '../src/core/setting.js';
import {defineStep} from '../src/core/step.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {collision, folderProblem, inboxOf, storageNotes} from './lib/storage-there.js';
import {isSystemOnly, systemStoreThere} from './lib/dovecot-there.js';
import {formatOf, hasMailOwner, hasPam, homesOf, systemPathOf} from './lib/people.js';
import {answer, hasDovecot} from './lib/read.js';

const usualPath = '~/mail';

/** The format in which mail is kept, and where below a home. */
export const storage = defineStep({
  id: 'storage',
  side: 'dovecot',
  title: {en: 'Storage', ja: '保管形式'},
  why: {
    en: 'A format is hard to change once there is mail.',
    ja: 'メールがたまってからの形式の変更は困難です。',
  },
  needs: ['vmail'],
  owns: ['mail.store', 'mail.home', 'mail.privileged_group'],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    format: select({
      ask: {en: 'In which format is mail kept?', ja: 'メールをどの形式で保管しますか。'},
      help: {
        en: 'Maildir keeps a file for each message and is read by every other program too.',
        ja: 'Maildir は 1 通を 1 ファイルで保管し、ほかのプログラムからも読めます。',
      },
      why: {
        en: 'Nothing is converted or moved; existing mail in another format would be hidden.',
        ja: '変換や移動はしません。別形式の既存メールは見えなくなります。',
      },
      level: 'advanced',
      choices: [
        {value: 'maildir', label: {en: 'Maildir', ja: 'Maildir'}},
        {value: 'sdbox', label: {en: 'single-dbox', ja: 'single-dbox'}},
        {value: 'mdbox', label: {en: 'multi-dbox', ja: 'multi-dbox'}},
        {
          value: 'mbox',
          label: {en: 'mbox', ja: 'mbox'},
          hint: {
            en: 'One file for a folder: slow with large folders, and only for other programs that need it.',
            ja: 'フォルダーごとに 1 ファイル。大きなフォルダーでは遅く、必要とするプログラムがある場合だけに使います。',
          },
        },
      ],
      initial: () => 'maildir',
      validate: (format, {facts, answers}) => collision(format, placeOf(answers), facts),
    }),
    path: text({
      ask: {
        en: 'Where below its home does an account of the list keep mail?',
        ja: '一覧のアカウントのメールを、ホームの下のどこに置きますか。',
      },
      help: {
        en: 'A folder below the home; another format needs another folder.',
        ja: 'ホームの下のフォルダーです。形式を変える場合は別のフォルダーにします。',
      },
      why: {
        en: 'Two formats in one folder would each take the other’s files for its own.',
        ja: '同じフォルダーに 2 つの形式があると、互いのファイルを壊します。',
      },
      example: '~/mail',
      level: 'advanced',
      when: ({answers}) => hasMailOwner(answers),
      initial: () => usualPath,
      validate: (path, {facts, answers}) =>
        folderProblem(path) ??
        (hasMailOwner(answers) ? collision(formatOf(answers), path, facts) : undefined),
    }),
    system_path: text({
      ask: {
        en: 'Where in their homes do users of this machine keep mail?',
        ja: 'このマシンのユーザーのメールを、ホームのどこに置きますか。',
      },
      help: {en: 'A folder below the home.', ja: 'ホームの下のフォルダーです。'},
      why: {
        en: 'Mail that lies directly in the home mixes with everything else there.',
        ja: 'ホーム直下に置くと、ほかのファイルと混ざります。',
      },
      example: '~/Maildir',
      level: 'advanced',
      when: ({answers}) => hasPam(answers) && homesOf(answers) === 'real',
      initial: ({answers}) => systemPathOf(answers),
      validate: folderProblem,
    }),
  },
  // Another place than ours is the machine's own way: changing the format would hide the mail in it.
  adopt: facts => {
    const store = readDovecot(facts).settings['mail.store'];
    const own = systemStoreThere(facts);
    const isSystem = own === undefined && isSystemOnly(facts);
    if (
      store === undefined ||
      folderProblem(store.path) !== undefined ||
      store.inbox !== inboxOf(store, isSystem)
    ) {
      return {};
    }

    return isSystem
      ? {format: store.format, system_path: store.path}
      : {format: store.format, path: store.path, ...(own === undefined ? {} : {system_path: own})};
  },
  plan: ({all}) => [
    {kind: 'setting', in: 'dovecot', at: 'mail.store', op: 'set', value: storeOf(all)},
    {
      kind: 'setting',
      in: 'dovecot',
      at: 'mail.privileged_group',
      op: 'set',
      value: formatOf(all) === 'mbox' && !hasMailOwner(all) ? 'mail' : '',
    },
  ],
  probes: () => [],
  // Where the machine has its own way, nothing is planned, whatever the answers' defaults would be.
  notes: ({answers, all, facts, platform}) =>
    answers.custom?.some(question => question === 'format' || question.endsWith('path'))
      ? []
      : storageNotes(storeOf(all), facts, platform),
});

const placeOf = (all: AllAnswers) =>
  hasMailOwner(all) ? (answer<string>(all, 'storage', 'path') ?? usualPath) : systemPathOf(all);

const storeOf = (all: AllAnswers): MailStore => {
  const store = {format: formatOf(all), path: placeOf(all)};
  const inbox = inboxOf(store, !hasMailOwner(all));
  return inbox === undefined ? store : {...store, inbox};
};
