import {exitCode} from '../core/exit-code.js';
import {type Problem, ProblemError} from '../core/finding.js';
import {fill, literal, type Text, visibleLine} from '../core/text.js';
import type {System} from '../system/types.js';
import {Interrupted} from './execute.js';
import {currentId} from './store.js';

/** Refuses where a transaction was cut short: a machine in between is no ground for anything but putting it back. */
export const refuseUnfinished = ({system}: {readonly system: Pick<System, 'files'>}) => {
  const id = currentId(system.files);
  if (id !== undefined) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.unfinished, {id}),
      remedy: texts.unfinishedRemedy,
    });
  }
};

/** Before the first change there is nothing to take back: what went wrong is said, and that is all. */
export const untouched = async <R>(act: () => Promise<R>): Promise<R> => {
  try {
    return await act();
  } catch (error) {
    throw error instanceof ProblemError
      ? error
      : new ProblemError({...problemOf(error), what: texts.notBegun, remedy: texts.notBegunRemedy});
  }
};

/** What a failure in the middle of a run is to the admin. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) {
    return error.problem;
  }

  return error instanceof Interrupted
    ? {code: exitCode.interrupted, what: texts.interrupted, remedy: texts.interruptedRemedy}
    : {
        code: exitCode.rolledBack,
        what: texts.failed,
        cause: literal(messageOf(error)),
        remedy: texts.failedRemedy,
      };
};

/** What a problem does not say by itself. */
export const evidenceOf = (error: unknown) =>
  error instanceof ProblemError || error instanceof Interrupted ? [] : [messageOf(error)];

const messageOf = (error: unknown) => visibleLine(String((error as Error).message));

const texts = {
  notBegun: {
    en: 'Nothing was changed: the machine could not be read, or the record of the run could not be made.',
    ja: 'マシンの状態を読めないか、実行記録を作成できないため、何も変更していません。',
  },
  notBegunRemedy: {
    en: 'Look at the cause: “df -h /var/lib”, “df -i /var/lib” and “dmesg” tell more.',
    ja: '原因を確認してください (「df -h /var/lib」「df -i /var/lib」「dmesg」)。',
  },
  unfinished: {en: 'The transaction {id} was cut short.', ja: 'トランザクション {id} が中断されたままです。'},
  unfinishedRemedy: {
    en: 'Run “dovetail rollback” first: it puts back what was there.',
    ja: '先に「dovetail rollback」を実行すると元の状態に戻ります。',
  },
  interrupted: {
    en: 'Stopped as asked; the machine is put back as it was.',
    ja: '要求に応じて停止し、マシンを元の状態に戻します。',
  },
  interruptedRemedy: {
    en: 'Start again whenever you like.',
    ja: 'いつでも再実行できます。',
  },
  failed: {
    en: 'A change failed; the machine is put back as it was.',
    ja: '変更に失敗したため、マシンを元の状態に戻します。',
  },
  failedRemedy: {
    en: 'Look at the cause, then try again. “dovetail show” has the whole record.',
    ja: '原因を確認して再実行してください。記録は「dovetail show」で確認できます。',
  },
} satisfies Record<string, Text>;
