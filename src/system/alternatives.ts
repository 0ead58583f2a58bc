import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {textAt} from './package-manager.js';
import type {Host, ReadFiles} from './types.js';

/** Which program a common name stands for (alternatives(8)): where it leads, and whether that follows the priorities. */
export type Alternative = {readonly path: string; readonly mode: 'auto' | 'manual'};

/** Undefined where there is no such name. */
export const alternativeOf = (files: ReadFiles, name: string): Alternative | undefined => {
  const path = files.readLink(`/etc/alternatives/${name}`);
  // The first line of chkconfig's own record says how it was chosen.
  const [mode] = textAt(files, `/var/lib/alternatives/${name}`).split('\n');
  return path === undefined ? undefined : {path, mode: mode === 'manual' ? 'manual' : 'auto'};
};

/** Chooses a program by hand, or lets the priorities decide again. Throws a ProblemError where it does not take it. */
export const setAlternative = async ({run}: Host, name: string, {path, mode}: Alternative) => {
  const args = mode === 'auto' ? ['--auto', name] : ['--set', name, path];
  const {exitCode: code, stderr} = await run('/usr/sbin/alternatives', args);
  if (code !== 0) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.what, {name, path}),
      cause: fill(texts.said, {stderr: visibleLine(stderr.trim())}),
      remedy: fill(texts.remedy, {name}),
    });
  }
};

const texts = {
  what: {
    en: '“{name}” could not be made to stand for {path}.',
    ja: '「{name}」を {path} に切り替えられませんでした。',
  },
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {
    en: 'Look at “alternatives --display {name}”.',
    ja: '「alternatives --display {name}」を確認してください。',
  },
} satisfies Record<string, Text>;
