import {select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {isServer} from './lib/read.js';

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
  owns: ['mail.store', 'mail.home', 'mail.privileged_group', 'mail.first_valid_uid'],
  applies: (_facts, all) => isServer(all),
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
  },
  // Another place than ours is the machine's own way: changing the format would hide the mail in it.
  adopt: facts => {
    const store = readDovecot(facts).settings['mail.store'];
    return store?.path === '~/mail' && store.format !== 'mbox' ? {format: store.format} : {};
  },
  plan: ({answers: {format = 'maildir'}}) => [
    {kind: 'setting', in: 'dovecot', at: 'mail.store', op: 'set', value: {format, path: '~/mail'}},
    {kind: 'setting', in: 'dovecot', at: 'mail.privileged_group', op: 'set', value: ''},
  ],
  probes: () => [],
});
