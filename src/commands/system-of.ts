import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {directorySystem, machineSystem} from '../system/grounds.js';
import type {System} from '../system/types.js';
import type {CommandContext} from './context.js';

/** The machine, or the tree that `--root DIR` names. */
export const systemOf = ({options}: Pick<CommandContext, 'options'>): System => {
  const root = options['root'];
  if (typeof root !== 'string') {
    return machineSystem();
  }

  const path = resolve(root);
  // overlayfs separates its options by commas and its layers by colons.
  if (/[,:\\]/.test(path) || !isDirectory(path)) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.what, {path}),
      remedy: texts.remedy,
    });
  }

  return path === '/' ? machineSystem() : directorySystem(path);
};

const isDirectory = (path: string) => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

const texts = {
  what: {en: '{path} is no tree to work on.', ja: '{path} は対象にできるディレクトリーではありません。'},
  remedy: {
    en: 'Name the root of an image or a chroot; commas, colons and backslashes cannot be in its path.',
    ja: 'イメージや chroot のルートを指定してください。パスにコンマ、コロン、バックスラッシュは使えません。',
  },
} satisfies Record<string, Text>;
