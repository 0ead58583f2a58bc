import {exitCode} from '../core/exit-code.js';
import {fill, type Text} from '../core/text.js';
import type {System} from '../system/types.js';
import {acceptAsIs, standings} from '../transaction/settle.js';
import {folderOf, readTransaction} from '../transaction/store.js';
import {printer, undone} from './apply.js';
import {canAsk, confirm} from './confirm.js';
import type {CommandContext} from './context.js';
import {runAndWait} from './run.js';

/**
 * `dovetail rollback` of a transaction that is stuck: says what each change is now and where its old state is kept, then tries
 * once more to put it back, or accepts the machine as it is (`--keep`). Neither overwrites what others changed.
 */
export const settle = async (context: CommandContext, system: System, id: string): Promise<number> => {
  const {lang, out, options} = context;
  const stored = readTransaction(system.files, id);
  const isDamaged = stored === undefined || stored.state === 'damaged';
  out(fill(isDamaged ? texts.damaged : texts.stuck, {id, folder: folderOf(id)})[lang]);
  const reason = stored?.entries.findLast(entry => entry.t === 'event' && entry.event.type === 'failed');
  if (reason?.t === 'event' && reason.event.type === 'failed') {
    out(`    ${reason.event.problem.what[lang]} ${reason.event.problem.cause?.[lang] ?? ''}`);
  }

  for (const {change, path, is, kept} of stored === undefined ? [] : standings(system.files, stored)) {
    out(`    ${path ?? change.id}: ${texts[is][lang]}${kept === undefined ? '' : ` (${kept})`}`);
  }

  if (options['keep'] === true) {
    acceptAsIs(system, id);
    out(fill(texts.accepted, {id, folder: folderOf(id)})[lang]);
    return exitCode.done;
  }

  if (isDamaged) {
    out(texts.byHand[lang]);
    return exitCode.stuck;
  }

  if (canAsk(context) && !(await confirm(context, texts.again))) {
    return exitCode.stuck;
  }

  return undone(await runAndWait(context, system, {act: 'recover'}, printer(context, 0)));
};

const texts = {
  stuck: {
    en: 'The transaction {id} could not be put back. Nothing was thrown away: all of it is in {folder}.',
    ja: 'トランザクション {id} を元に戻せませんでした。データはすべて {folder} に残っています。',
  },
  damaged: {
    en: 'The record of the transaction {id} is damaged, so nothing is done by itself. What was kept is in {folder}.',
    ja: 'トランザクション {id} の記録が壊れているため、自動では何も行いません。保存済みのデータは {folder} にあります。',
  },
  before: {en: 'as before', ja: '適用前のまま'},
  after: {en: 'as planned', ja: '適用後の内容'},
  other: {en: 'neither as before nor as planned', ja: '適用前とも適用後とも異なる'},
  undone: {en: 'taken back', ja: '元に戻した'},
  done: {en: 'done, not taken back', ja: '適用済み、未復元'},
  begun: {en: 'begun, perhaps half done', ja: '途中の可能性あり'},
  untouched: {en: 'not begun', ja: '未着手'},
  again: {
    en: 'Once the cause is gone: try again to put it back? (“--keep” accepts the machine as it is.)',
    ja: '原因を取り除いたら、もう一度元に戻しますか? (「--keep」で現状のまま受け入れます)',
  },
  accepted: {
    en: '{id} is closed with the machine as it is. What was before is still in {folder}.',
    ja: '{id} を現状のまま終了しました。以前の内容は {folder} に残っています。',
  },
  byHand: {
    en: 'Put the files that differ back by hand from the copies named above, then “dovetail rollback --keep” closes it.',
    ja: '上記のコピーから手作業でファイルを戻した後、「dovetail rollback --keep」で終了してください。',
  },
} satisfies Record<string, Text>;
