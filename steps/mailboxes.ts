import {list, multi, select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import type {DovecotItems} from '../src/core/setting.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {askedAt} from './lib/listen.js';
import {hasDovecot, hostnameOf, servicesOf} from './lib/read.js';

const uses = {
  Drafts: '\\Drafts',
  Junk: '\\Junk',
  Trash: '\\Trash',
  Sent: '\\Sent',
  Archive: '\\Archive',
} as const;

type Folder = keyof typeof uses;
type How = 'subscribe' | 'create';

const folderNames = Object.keys(uses) as readonly Folder[];
const usual: readonly Folder[] = ['Drafts', 'Junk', 'Trash', 'Sent'];
/** Debian's and Dovecot's own example declares it with the same special use as Sent. */
const secondSent = 'Sent Messages';

/** Folders that every user has. Only one is \Sent: with the stock second one, mail programs file sent mail twice. */
export const mailboxes = defineStep({
  id: 'mailboxes',
  side: 'dovecot',
  title: {en: 'Folders', ja: 'フォルダー'},
  why: {
    en: 'Mail programs find drafts, junk, trash and sent mail by themselves.',
    ja: 'メールソフトが下書きや迷惑メールなどのフォルダーを自動で見つけます。',
  },
  needs: ['role'],
  owns: ['mailbox'],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    folders: multi({
      ask: {
        en: 'Which folders does everybody have?',
        ja: '全員に最初から用意するフォルダーはどれですか。',
      },
      help: {
        en: 'They are there from the start; mail programs make the others when they need them.',
        ja: '選ばなかったものは、メールソフトが必要とした時に作られます。',
      },
      why: {
        en: 'They carry a mark (RFC 6154), so that all mail programs agree on one folder for each use.',
        ja: '用途の印 (RFC 6154) が付くため、どのメールソフトも同じフォルダーを使います。',
      },
      level: 'advanced',
      choices: [
        {value: 'Drafts', label: {en: 'Drafts', ja: 'Drafts (下書き)'}},
        {value: 'Junk', label: {en: 'Junk', ja: 'Junk (迷惑メール)'}},
        {value: 'Trash', label: {en: 'Trash', ja: 'Trash (ごみ箱)'}},
        {value: 'Sent', label: {en: 'Sent', ja: 'Sent (送信済み)'}},
        {value: 'Archive', label: {en: 'Archive', ja: 'Archive (保管)'}},
      ],
      initial: () => usual,
    }),
    own: list({
      ask: {
        en: 'Which other folders does everybody have?',
        ja: 'ほかに全員に用意するフォルダーはありますか。',
      },
      help: {
        en: 'Names without blanks; leave it empty for none.',
        ja: '空白を含まない名前です。なければ空のままにします。',
      },
      why: {
        en: 'A folder taken off this list is kept with its mail; it is no longer made for others.',
        ja: '一覧から外しても、フォルダーとメールは残ります。新たに作られなくなるだけです。',
      },
      example: 'Invoices',
      level: 'advanced',
      initial: (): readonly string[] => [],
      validateItem: nameProblem,
      validate: names =>
        new Set(names.map(name => name.toLowerCase())).size < names.length ? texts.twice : undefined,
    }),
    how: select({
      ask: {
        en: 'Do mail programs show these folders?',
        ja: 'これらのフォルダーを自動で表示しますか。',
      },
      help: {
        en: 'Many programs show only folders that are subscribed to.',
        ja: '多くのメールソフトは、購読しているフォルダーだけを表示します。',
      },
      why: {
        en: 'A folder that nobody sees is a folder where mail gets lost.',
        ja: '見えないフォルダーに入ったメールは見落とされます。',
      },
      level: 'advanced',
      choices: [
        {value: 'subscribe', label: {en: 'Yes, everybody is subscribed', ja: 'はい (購読します)'}},
        {value: 'create', label: {en: 'No, they are only made', ja: 'いいえ (作成だけします)'}},
      ],
      initial: () => 'subscribe',
    }),
  },
  adopt: facts => {
    const there = Object.entries(readDovecot(facts).mailboxes).filter(([, auto]) => auto !== 'no');
    const [how = 'subscribe', ...mixed] = [...new Set(there.map(([, auto]) => auto))];
    // Some subscribed and some only made, or a name that a list of words cannot hold, is the machine's own way.
    if (there.length === 0 || mixed.length > 0 || !isHow(how)) {
      return {};
    }

    const own = there.map(([name]) => name).filter(name => !isFolder(name));
    return {
      folders: folderNames.filter(name => there.some(([other]) => other === name)),
      how,
      ...(own.every(name => nameProblem(name) === undefined) ? {own} : {}),
    };
  },
  plan: ({answers, facts}) => {
    const {folders = usual, how = 'subscribe', own} = answers;
    const there = readDovecot(facts).mailboxes;
    const gone =
      own === undefined
        ? []
        : Object.entries(there).flatMap(([name, auto]) =>
            auto === 'no' || isFolder(name) || own.includes(name) || nameProblem(name) !== undefined
              ? []
              : [name],
          );
    return [
      ...folderNames.flatMap((name): readonly Want[] =>
        folders.includes(name)
          ? [folder({name, specialUse: uses[name], auto: how})]
          : name in there
            ? [folder({name, specialUse: uses[name], auto: 'no'})]
            : [],
      ),
      ...(own ?? []).map(name => folder({name, auto: how})),
      ...[secondSent, ...gone].map(name => folder({name, auto: 'no'}, 'absent')),
    ];
  },
  probes: ({answers: {folders = usual, how = 'subscribe', own = []}, all, facts}) => {
    const subscribed = how === 'subscribe';
    const expected = [
      ...folders.map(name => ({name, specialUse: uses[name], subscribed})),
      ...own.map(name => ({name, subscribed})),
    ];
    // POP3 knows no folders.
    return expected.length === 0 || !servicesOf(all).includes('imap')
      ? []
      : [
          {
            id: 'mailboxes:special-use',
            section: 'mailboxes',
            ...askedAt(all, facts),
            kind: 'special-use',
            port: 993,
            starttls: false,
            name: hostnameOf(all),
            mailboxes: expected,
          },
        ];
  },
});

const folder = (value: DovecotItems['mailbox'], state: 'present' | 'absent' = 'present'): Want => ({
  kind: 'block',
  in: 'dovecot',
  at: 'mailbox',
  value,
  state,
});

const isFolder = (name: string): name is Folder => Object.hasOwn(uses, name);
const isHow = (auto: string): auto is How => auto === 'subscribe' || auto === 'create';

// A dot or a slash parts folders, depending on the store; other letters are spelt differently on disk and on the wire.
function nameProblem(name: string): Text | undefined {
  return !/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/.test(name)
    ? texts.letters
    : [...folderNames, 'INBOX'].some(other => other.toLowerCase() === name.toLowerCase())
      ? texts.taken
      : undefined;
}

const texts = {
  letters: {
    en: 'The name of a folder has letters A to Z, digits, - and _ here, at most 60.',
    ja: 'フォルダー名は英字、数字、- と _ で、60 文字以内にしてください。',
  },
  twice: {en: 'A folder is named twice.', ja: '同じフォルダー名が重複しています。'},
  taken: {
    en: 'That folder is there already, or is one of those to choose above.',
    ja: 'そのフォルダーは既にあるか、上の選択肢にあります。',
  },
} satisfies Record<string, Text>;
