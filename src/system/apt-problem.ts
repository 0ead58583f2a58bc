import {exitCode} from '../core/exit-code.js';
import {type Problem, ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {RunResult} from './types.js';

/** Why apt-get(8) failed, as a problem with the remedy that fits; apt's own last words are its cause. */
export const aptProblem = ({stdout, stderr}: RunResult): ProblemError => {
  const said = `${stdout}\n${stderr}`;
  const reasons = said.split('\n').filter(line => /^(?:E:|Err:|W: Failed|dpkg: error)/.test(line));
  const {what, remedy} = kinds.find(({pattern}) => pattern.test(said)) ?? other;
  return new ProblemError({
    code: exitCode.networkOrPackages,
    what,
    cause: fill(texts.said, {reason: visibleLine(reasons.slice(-3).join(' ') || stderr.trim())}),
    remedy,
  });
};

type Kind = Pick<Problem, 'what' | 'remedy'>;

// In the order in which one causes the other.
const kinds: readonly (Kind & {readonly pattern: RegExp})[] = [
  {
    pattern: /Could not get lock|Unable to (?:acquire|lock)/,
    what: {
      en: 'The package manager is in use by another program.',
      ja: 'パッケージマネージャーが別のプログラムに使用されています。',
    },
    remedy: {en: 'Wait until that is done, then try again.', ja: '完了を待ってから再実行してください。'},
  },
  {
    pattern: /No space left on device|don't have enough free space/,
    what: {en: 'There is no room for the packages.', ja: 'パッケージを置く空き容量がありません。'},
    remedy: {
      en: 'Make room on / and /var (“df -h”), then try again.',
      ja: '/ と /var に空きを作り (「df -h」で確認)、再実行してください。',
    },
  },
  {
    pattern:
      /Temporary failure resolving|Could not resolve|Network is unreachable|Could not connect|Unable to connect|No route to host|connection timed out|Connection failed/i,
    what: {en: 'The package sources cannot be reached.', ja: 'パッケージの取得元に接続できません。'},
    remedy: {
      en: 'See that the network, DNS and a proxy (apt.conf) work from here, then try again.',
      ja: 'ネットワーク、DNS、プロキシー (apt.conf) を確認して再実行してください。',
    },
  },
  {
    pattern: /NO_PUBKEY|is not signed|EXPKEYSIG|Release file .* (?:expired|is not valid yet)|BADSIG/,
    what: {
      en: 'The signature of a package source cannot be trusted.',
      ja: 'パッケージの取得元の署名を信頼できません。',
    },
    remedy: {
      en: 'Check this machine’s clock and the keys of its package sources; never switch the check off.',
      ja: '時計と取得元の鍵を確認してください。検証は無効にしないでください。',
    },
  },
  {
    pattern: /Unable to locate package|has no installation candidate|unmet dependencies/,
    what: {
      en: 'The package sources do not have what is needed.',
      ja: '必要なパッケージが取得元にありません。',
    },
    remedy: {
      en: 'See that “main” of this distribution is among the package sources, and that no package is held back.',
      ja: 'ディストリビューションの「main」が取得元にあり、保留中のパッケージがないか確認してください。',
    },
  },
];

const other: Kind = {
  what: {
    en: 'The package manager could not do its work.',
    ja: 'パッケージマネージャーの処理に失敗しました。',
  },
  remedy: {
    en: 'Check the network, the package sources and the free space, then try again.',
    ja: 'ネットワーク、パッケージの取得元、空き容量を確認して再実行してください。',
  },
};

const texts = {
  said: {en: 'It said: {reason}', ja: '出力: {reason}'},
} satisfies Record<string, Text>;
