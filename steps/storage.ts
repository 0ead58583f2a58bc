import {select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {isSystemOnly, systemStoreThere} from './lib/dovecot-there.js';
import {hasMailOwner, hasPam, homesOf, systemPathOf} from './lib/people.js';
import {hasDovecot} from './lib/read.js';

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
      ],
      initial: () => 'maildir',
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
      validate: path =>
        /^~\/[A-Za-z0-9_.-]{1,60}$/.test(path) && !/^~\/\.{1,2}$/.test(path)
          ? undefined
          : {en: 'Write it as ~/ and one plain name.', ja: '~/ と通常の名前 1 つで指定してください。'},
    }),
  },
  // Another place than ours is the machine's own way: changing the format would hide the mail in it.
  adopt: facts => {
    const store = readDovecot(facts).settings['mail.store'];
    const own = systemStoreThere(facts);
    const isSystem = own === undefined && isSystemOnly(facts);
    if (store === undefined || store.format === 'mbox' || store.inbox !== undefined) {
      return {};
    }

    return isSystem && /^~\/[A-Za-z0-9_.-]+$/.test(store.path)
      ? {format: store.format, system_path: store.path}
      : store.path === '~/mail'
        ? {format: store.format, ...(own === undefined ? {} : {system_path: own})}
        : {};
  },
  plan: ({answers: {format = 'maildir'}, all}) => [
    {
      kind: 'setting',
      in: 'dovecot',
      at: 'mail.store',
      op: 'set',
      value: {format, path: hasMailOwner(all) ? '~/mail' : systemPathOf(all)},
    },
    {kind: 'setting', in: 'dovecot', at: 'mail.privileged_group', op: 'set', value: ''},
  ],
  probes: () => [],
});
