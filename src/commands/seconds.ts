import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {ConfirmRequest} from '../engine/run.js';
import {sessionFrom} from '../transaction/confirmation.js';
import type {CommandContext} from './context.js';
import {systemOf} from './system-of.js';

/** Seconds that an option gives: whole ones, between the shortest that a login takes and a day; undefined where it is not given. */
export const secondsOf = (value: string | boolean | undefined, option: string): number | undefined => {
  if (value === undefined) {
    return undefined;
  }

  const seconds = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (seconds < least || seconds > most) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.what, {option}),
      remedy: fill(texts.remedy, {option, least, most}),
    });
  }

  return seconds;
};

/** Who makes a change, and how long others have to confirm it where that was asked for. */
export const confirmRequest = (context: Pick<CommandContext, 'options' | 'ssh'>): ConfirmRequest => {
  const within = secondsOf(context.options['confirm-within'], '--confirm-within');
  const system = systemOf(context);
  if (within !== undefined && system.ground !== 'machine') {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.tree, remedy: texts.treeRemedy});
  }

  return {
    session: sessionFrom(system.files, {
      pid: process.pid,
      ...(context.ssh === undefined ? {} : {ssh: context.ssh}),
    }),
    ...(within === undefined ? {} : {within}),
  };
};

const least = 10;
const most = 86_400;

const texts = {
  what: {en: '“{option}” is a number of seconds.', ja: '「{option}」は秒数で指定します。'},
  remedy: {
    en: 'For example “{option} 600”; from {least} to {most}.',
    ja: '例: 「{option} 600」({least}～{most})。',
  },
  tree: {
    en: 'Nothing runs in a tree that could wait for a confirmation.',
    ja: 'ツリーでは確認を待つプロセスが動作しません。',
  },
  treeRemedy: {
    en: 'Leave “--confirm-within” out.',
    ja: '「--confirm-within」を指定しないでください。',
  },
} satisfies Record<string, Text>;
