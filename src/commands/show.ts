import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {systemOf} from './system-of.js';
import {listTransactions, readTransaction} from '../transaction/store.js';
import {printer} from './apply.js';
import {type CommandContext, needRoot} from './context.js';
import {printPlan} from './plan.js';

/** `dovetail show ID`: what a transaction changed, and what was found. */
export const show = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {files} = systemOf(context);
  const id = context.args[0] ?? listTransactions(files)[0]?.id ?? '';
  const stored = readTransaction(files, id);
  if (stored === undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.unknown, {id}),
      remedy: texts.unknownRemedy,
    });
  }

  context.out(`${id}  ${stored.state}`);
  printPlan(stored.plan, context);
  const print = printer(context, 0);
  for (const entry of stored.entries) {
    if (entry.t === 'event') {
      print(entry.event);
    }
  }

  return exitCode.done;
};

const texts = {
  unknown: {en: 'There is no transaction {id}.', ja: 'トランザクション {id} はありません。'},
  unknownRemedy: {en: '“dovetail history” lists them.', ja: '「dovetail history」で一覧を確認できます。'},
} satisfies Record<string, Text>;
