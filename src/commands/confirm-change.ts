import {join} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {forgetUnits} from '../engine/run.js';
import {answerCountdown} from '../transaction/countdown.js';
import {refuseUnfinished} from '../transaction/problems.js';
import {isOtherSession, pendingHere, sessionFrom, timeOf} from '../transaction/confirmation.js';
import {takeLock} from '../transaction/lock.js';
import {openStore, stateFolder} from '../transaction/store.js';
import {type CommandContext, nameOf, needRoot} from './context.js';
import {secondsOf} from './seconds.js';
import {systemOf} from './system-of.js';

/**
 * `dovetail confirm [ID] [--extend SECONDS]`: ends the countdown, from another login than the one that made the change: that it
 * could be made is the proof that one can still get in.
 */
export const confirmChange = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {lang, out, args, options} = context;
  const system = systemOf(context);
  openStore(system.files);
  const extend = secondsOf(options['extend'], '--extend');
  const release = takeLock(join(system.tree, stateFolder, 'lock'), `${nameOf(context)}, confirm`);
  try {
    refuseUnfinished({system});
    const pending = pendingHere(system.files);
    if (pending === undefined || (args[0] !== undefined && args[0] !== pending.id)) {
      out(texts.nothing[lang]);
      return args[0] === undefined ? exitCode.done : exitCode.badAnswers;
    }

    if (extend !== undefined) {
      answerCountdown(system, pending.id, extend);
      const later = pendingHere(system.files);
      out(fill(texts.extended, {id: pending.id, time: timeOf(later?.deadline ?? pending.deadline)})[lang]);
      return exitCode.done;
    }

    const session = sessionFrom(system.files, {
      pid: process.pid,
      ...(context.ssh === undefined ? {} : {ssh: context.ssh}),
    });
    if (isOtherSession(pending.terms.session, session) !== true) {
      throw new ProblemError({
        code: exitCode.needsRootOrTerminal,
        what: texts.same,
        remedy: fill(texts.sameRemedy, {time: timeOf(pending.deadline)}),
      });
    }

    answerCountdown(system, pending.id);
    out(fill(texts.confirmed, {id: pending.id})[lang]);
  } finally {
    release();
  }

  await forgetUnits(system);
  return exitCode.done;
};

const texts = {
  nothing: {en: 'Nothing waits for a confirmation.', ja: '確認待ちのものはありません。'},
  extended: {
    en: 'More time: {id} goes back at {time} unless it is confirmed.',
    ja: '延長しました。確定しないと、{id} は {time} に元に戻ります。',
  },
  same: {
    en: 'This session is the one that made the change, or cannot be told from it: that it still stands proves nothing.',
    ja: '変更を行ったセッションと同じか、区別できません。接続が続いていても、新しく接続できる証明にはなりません。',
  },
  sameRemedy: {
    en: 'Log in anew, in another window, and run “dovetail confirm” there before {time}.',
    ja: '別の画面で新しくログインし、{time} までに「dovetail confirm」を実行してください。',
  },
  confirmed: {en: '{id} is confirmed and stays.', ja: '{id} を確定しました。'},
} satisfies Record<string, Text>;
