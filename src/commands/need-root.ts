import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Text} from '../core/text.js';
import type {CommandContext} from './context.js';

/** Refuses to go on without root, with the command that would. Alone here, so that `status` loads nothing else. */
export const needRoot = ({root}: CommandContext) => {
  if (!root) {
    throw new ProblemError({code: exitCode.needsRootOrTerminal, what: texts.root, remedy: texts.rootRemedy});
  }
};

const texts = {
  root: {
    en: 'This reads or changes what only root may, and needs root.',
    ja: 'root だけが読み書きできるものを扱うため、root 権限が必要です。',
  },
  rootRemedy: {en: 'Run the same command with sudo.', ja: '同じコマンドを sudo で実行してください。'},
} satisfies Record<string, Text>;
