import {exitCode} from '../core/exit-code.js';
import {type Problem, ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';

/** What went wrong, told by what a package manager says, and what to do about it. */
export type PackageTrouble = Pick<Problem, 'what' | 'remedy'> & {readonly pattern: RegExp};

/** Why a package manager failed, as a problem with the remedy that fits best; its own last words are the cause. */
export const packageProblem = (
  said: string,
  reason: string,
  troubles: readonly PackageTrouble[],
): ProblemError => {
  const {what, remedy} = troubles.find(({pattern}) => pattern.test(said)) ?? other;
  return new ProblemError({
    code: exitCode.networkOrPackages,
    what,
    cause: fill(texts.said, {reason: visibleLine(reason)}),
    remedy,
  });
};

/** What each of them may say in words of its own. */
export const usual = {
  inUse: {
    what: {
      en: 'The package manager is in use by another program.',
      ja: 'パッケージマネージャーが別のプログラムに使用されています。',
    },
    remedy: {en: 'Wait until that is done, then try again.', ja: '完了を待ってから再実行してください。'},
  },
  full: {
    what: {en: 'There is no room for the packages.', ja: 'パッケージを置く空き容量がありません。'},
    remedy: {
      en: 'Make room on / and /var (“df -h”), then try again.',
      ja: '/ と /var に空きを作り (「df -h」で確認)、再実行してください。',
    },
  },
  unreachable: (file: string) => ({
    what: {en: 'The package sources cannot be reached.', ja: 'パッケージの取得元に接続できません。'},
    remedy: fill(texts.network, {file}),
  }),
  missing: {
    en: 'The package sources do not have what is needed.',
    ja: '必要なパッケージが取得元にありません。',
  },
} as const;

const other = {
  what: {
    en: 'The package manager could not do its work.',
    ja: 'パッケージマネージャーの処理に失敗しました。',
  },
  remedy: {
    en: 'Check the network, the package sources and the free space, then try again.',
    ja: 'ネットワーク、パッケージの取得元、空き容量を確認して再実行してください。',
  },
} satisfies Record<string, Text>;

const texts = {
  said: {en: 'It said: {reason}', ja: '出力: {reason}'},
  network: {
    en: 'See that the network, DNS and a proxy ({file}) work from here, then try again.',
    ja: 'ネットワーク、DNS、プロキシー ({file}) を確認して再実行してください。',
  },
} satisfies Record<string, Text>;
