import type {Text} from '../core/text.js';
import type {OptionName} from './options.js';

/** A command as help, completion and manual page tell of it, and as the command line is checked against it. */
export type CommandInfo = {
  readonly about: Text;
  /** What may follow the name: sections, one transaction, words of its own, or nothing. */
  readonly takes?: {
    readonly words: 'sections' | 'id' | 'host' | readonly string[];
    readonly shown: Text;
    readonly many?: true;
    /** It may be left out. */
    readonly optional?: true;
  };
  /** More than one line can say. */
  readonly detail?: Text;
  readonly options: readonly OptionName[];
};

const sections = {
  words: 'sections',
  shown: {en: '[SECTION…]', ja: '[セクション…]'},
  many: true,
} as const;
const id = {words: 'id', shown: {en: '[ID]', ja: '[ID]'}} as const;

/** The wizard: what runs without the name of a command. */
export const wizardInfo: CommandInfo = {
  about: {en: 'the wizard: questions, review, apply, proof', ja: 'ウィザード: 質問、確認、適用、動作確認'},
  takes: sections,
  detail: {
    en: 'With names of sections it asks all questions of those alone, filled in from the machine.',
    ja: 'セクション名を指定すると、その質問だけを現在の設定を初期値として尋ねます。',
  },
  options: ['dry-run', 'plain', 'numbered', 'confirm-within'],
};

/** Every command, in the order in which help lists them. A new one is added here and in cli.ts. */
export const commands: Readonly<Record<string, CommandInfo>> = {
  plan: {
    about: {en: 'print what would change', ja: '変更内容を表示します'},
    takes: sections,
    detail: {
      en: 'Exit code 0: nothing to change; 2: changes pending.',
      ja: '終了コード 0: 変更なし、2: 変更あり。',
    },
    options: ['answers', 'lock-wait', 'json'],
  },
  apply: {
    about: {
      en: 'apply as one transaction, and prove it',
      ja: '1 つのトランザクションとして適用し、動作を確認します',
    },
    takes: sections,
    detail: {
      en: 'A failed proof takes everything back (exit code 6), unless “--keep” is given.',
      ja: '動作確認に失敗すると、「--keep」がない限りすべて元に戻します (終了コード 6)。',
    },
    options: ['answers', 'yes', 'dry-run', 'keep', 'confirm-within', 'lock-wait', 'json'],
  },
  answers: {
    about: {
      en: 'print the machine’s present state as an answers file',
      ja: '現在の状態を回答ファイルとして出力します',
    },
    detail: {
      en: 'Passwords are never in it: accounts say “keep”.',
      ja: 'パスワードは含みません。アカウントは「keep」と表示します。',
    },
    options: [],
  },
  check: {
    about: {en: 'prove that the server works', ja: 'サーバーの動作を確認します'},
    detail: {
      en: 'Exit code 0: all holds; 2: something fails; 11: something could not be checked.',
      ja: '終了コード 0: すべて合格、2: 失敗あり、11: 確認できない項目あり。',
    },
    options: ['answers', 'account', 'password-from', 'json'],
  },
  status: {
    about: {
      en: 'what is applied, what changed since',
      ja: '適用の状況、その後の変更、中断の有無を表示します',
    },
    detail: {
      en: 'Exit code 0: as it was left; 2: files changed since; 3: a run was cut short.',
      ja: '終了コード 0: 適用時のまま、2: その後に変更あり、3: 中断あり。',
    },
    options: ['json'],
  },
  history: {
    about: {en: 'every transaction', ja: 'すべてのトランザクションを表示します'},
    takes: {words: ['forget'], shown: {en: '[forget ID]', ja: '[forget ID]'}, many: true, optional: true},
    detail: {
      en: 'The last 20 are kept. “forget ID” removes one for good, with its secrets.',
      ja: '直近の 20 件を保持します。「forget ID」は 1 件を秘密情報ごと削除します。',
    },
    options: ['yes', 'json'],
  },
  show: {
    about: {
      en: 'one transaction: its diff and its results',
      ja: '1 つのトランザクションの差分と結果を表示します',
    },
    takes: id,
    options: ['json'],
  },
  rollback: {
    about: {
      en: 'undo the last transaction, or the named one',
      ja: '最後または指定のトランザクションを元に戻します',
    },
    takes: id,
    detail: {
      en: 'Cut short: put in order first. Stuck: “--yes” tries again, “--keep” accepts.',
      ja: '中断された処理はまず元に戻します。戻せなかった場合は --yes で再試行、--keep で受け入れます。',
    },
    options: ['section', 'dry-run', 'yes', 'keep', 'put-back', 'json'],
  },
  confirm: {
    about: {
      en: 'end the countdown, from a new session',
      ja: '新しいセッションから確定し、自動復元を止めます',
    },
    takes: id,
    detail: {
      en: 'The session that made the change cannot: a new login proves that one can get in.',
      ja: '変更を行ったセッションからは確定できません。新しいログインが接続できる証明です。',
    },
    options: ['extend'],
  },
  users: {
    about: {en: 'accounts of the list on this server', ja: 'このサーバーのアカウントを管理します'},
    takes: {
      words: ['list', 'add', 'passwd', 'disable', 'enable', 'remove', 'import'],
      shown: {en: 'ACT [NAME]', ja: '操作 [名前]'},
      many: true,
    },
    detail: {
      en: 'Postfix’s tables follow. Mail stays. “import FILE”: NAME:HASH or NAME,PASSWORD.',
      ja: 'Postfix の表も更新し、メールは残ります。import は「名前:ハッシュ」「名前,パスワード」。',
    },
    options: ['password-from', 'generate', 'yes', 'dry-run', 'json'],
  },
  'client-settings': {
    about: {
      en: 'what people type into their mail programs',
      ja: 'メールソフトに入力する設定を表示します',
    },
    takes: {
      words: ['table', 'thunderbird', 'mutt'],
      shown: {en: '[FORM]', ja: '[形式]'},
      optional: true,
    },
    detail: {
      en: 'FORM: table (with DNS records), thunderbird (autoconfig file), mutt (muttrc).',
      ja: '形式: table (DNS レコードも表示)、thunderbird (自動設定ファイル)、mutt (muttrc)。',
    },
    options: ['answers'],
  },
  pair: {
    about: {
      en: 'make two servers a pair (replication)',
      ja: 'もう 1 台とペアにします (レプリケーション)',
    },
    takes: {words: 'host', shown: {en: '[HOST]', ja: '[HOST]'}, optional: true},
    detail: {
      en: 'HOST as root reaches it by SSH, e.g. root@mail2.example.com: both or neither.',
      ja: 'HOST は root が SSH で接続できる形 (例: root@mail2.example.com)。両方を設定するか、両方を戻します。',
    },
    options: [
      'answers',
      'yes',
      'dry-run',
      'ssh-port',
      'remote',
      'confirm-within',
      'export',
      'import',
      'finish',
    ],
  },
  'migrate-report': {
    about: {
      en: 'what Dovecot 2.4 makes of a 2.3 server',
      ja: 'Dovecot 2.3 の設定が 2.4 でどうなるかを報告します',
    },
    detail: {
      en: 'Exit code 0: all is carried over; 2: something is lost or yours to decide.',
      ja: '終了コード 0: すべて移行可能、2: 失われるものか判断が必要なものあり。',
    },
    options: ['output', 'json'],
  },
  completion: {
    about: {en: 'print completion for a shell', ja: 'シェルの補完スクリプトを出力します'},
    takes: {words: ['bash', 'zsh', 'fish'], shown: {en: 'bash|zsh|fish', ja: 'bash|zsh|fish'}},
    detail: {
      en: 'For example: dovetail completion bash > /etc/bash_completion.d/dovetail',
      ja: '例: dovetail completion bash > /etc/bash_completion.d/dovetail',
    },
    options: [],
  },
};
