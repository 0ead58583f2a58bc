import type {Text} from '../core/text.js';

/** An option of the command line. `value`: what it takes; without it the option is a switch. */
export type OptionInfo = {
  readonly short?: string;
  readonly value?: Text;
  readonly about: Text;
  /** What a shell offers after it: files, or these words. */
  readonly offers?: 'files' | readonly string[];
};

const file = {en: 'FILE', ja: 'ファイル'};

/** Every option, in the order in which help lists them. `satisfies` keeps the names as a type. */
export const options = {
  answers: {
    value: file,
    about: {en: 'take the answers from this file', ja: '回答をこのファイルから読みます'},
    offers: 'files',
  },
  yes: {about: {en: 'accept without asking', ja: '確認なしで承認します'}},
  'dry-run': {
    short: 'n',
    about: {en: 'all of it up to the review; nothing changes', ja: '確認画面まで行い、何も変更しません'},
  },
  keep: {
    about: {
      en: 'keep the changes even where the proof fails',
      ja: '動作確認に失敗しても変更を残します',
    },
  },
  'put-back': {
    about: {
      en: 'undo what others changed since, too (their text is kept)',
      ja: '後から他者が変更したファイルも元に戻します (その内容は記録に保存します)',
    },
  },
  section: {
    value: {en: 'NAME', ja: '名前'},
    about: {en: 'only what this section changed', ja: 'このセクションの変更だけを対象にします'},
  },
  account: {
    value: {en: 'NAME', ja: '名前'},
    about: {en: 'the account that logs in for the proof', ja: '動作確認でログインするアカウント'},
  },
  'password-from': {
    value: {en: 'WHERE', ja: '場所'},
    about: {
      en: 'where its password is: file:/PATH or fd:NUMBER',
      ja: 'そのパスワードの場所: file:/パス または fd:番号',
    },
  },
  generate: {about: {en: 'make a password and show it once', ja: 'パスワードを生成し一度だけ表示します'}},
  plain: {
    about: {en: 'questions as lines instead of the full screen', ja: '全画面ではなく行ごとに質問します'},
  },
  numbered: {
    about: {
      en: 'numbered questions, also for screen readers',
      ja: '番号で答える質問にします (スクリーンリーダー、単純な端末向け)',
    },
  },
  'no-color': {about: {en: 'no colours (also: NO_COLOR)', ja: '色を使いません (NO_COLOR も可)'}},
  json: {about: {en: 'for programs', ja: 'プログラム向けの出力'}},
  root: {
    value: {en: 'DIR', ja: 'ディレクトリー'},
    about: {
      en: 'work on a tree: files only, nothing runs',
      ja: '/ の代わりにこのツリーを対象にします (ファイルのみ。起動や動作確認はしません)',
    },
    offers: 'files',
  },
  platform: {
    value: {en: 'ID', ja: 'ID'},
    about: {en: 'treat this system as that one', ja: 'このシステムを指定のものとして扱います'},
  },
  lang: {
    value: {en: 'en|ja', ja: 'en|ja'},
    about: {en: 'language; the default is the locale’s', ja: '言語 (既定はロケール)'},
    offers: ['en', 'ja'],
  },
  'confirm-within': {
    value: {en: 'SECONDS', ja: '秒数'},
    about: {en: 'goes back unless confirmed in time', ja: 'この時間内に確定しないと元に戻します'},
  },
  extend: {
    value: {en: 'SECONDS', ja: '秒数'},
    about: {en: 'do not confirm yet, give more time', ja: '確定せずに延長します'},
  },
  'lock-wait': {
    value: {en: 'SECONDS', ja: '秒数'},
    about: {en: 'how long to wait for the package manager', ja: 'パッケージマネージャーを待つ秒数'},
  },
  'ssh-port': {
    value: {en: 'PORT', ja: 'ポート'},
    about: {en: 'port of the partner’s SSH (22)', ja: '相手の SSH のポート (22)'},
  },
  remote: {
    value: {en: 'PATH', ja: 'パス'},
    about: {
      en: 'dovetail on the partner (/opt/dovetail/dovetail)',
      ja: '相手側の dovetail (/opt/dovetail/dovetail)',
    },
  },
  export: {
    value: file,
    about: {
      en: 'set this half up, write what the other needs',
      ja: 'こちらを設定し、相手用の内容を書き出します',
    },
    offers: 'files',
  },
  import: {
    value: file,
    about: {en: 'set the other half up from that file', ja: 'そのファイルから相手側を設定します'},
    offers: 'files',
  },
  finish: {
    about: {
      en: 'finish a pair that was cut short',
      ja: '中断したペアを完成するか元に戻します',
    },
  },
  output: {
    value: file,
    about: {en: 'write the new configuration to a new file', ja: '新しい設定をファイルに書き出します'},
    offers: 'files',
  },
  verbose: {short: 'v', about: {en: 'say more about what is done', ja: '処理の内容を詳しく表示します'}},
  help: {short: 'h', about: {en: 'this help', ja: 'このヘルプ'}},
  version: {about: {en: 'the version', ja: 'バージョン'}},
} satisfies Readonly<Record<string, OptionInfo>>;

export type OptionName = keyof typeof options;

/** Options that every command takes. */
export const everywhere: readonly OptionName[] = [
  'root',
  'lang',
  'no-color',
  'platform',
  'verbose',
  'help',
  'version',
];
