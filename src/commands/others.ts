import {maskLine} from '../config/diff.js';
import {fill, type Text} from '../core/text.js';
import type {System} from '../system/types.js';
import {changedSince} from '../transaction/changed-since.js';
import type {StoredTransaction} from '../transaction/store.js';
import {canAsk, confirm} from './confirm.js';
import type {CommandContext} from './context.js';

/**
 * Shows, before an undo, what others changed since: each setting before us, as we wrote it, and now. On a terminal each file
 * is asked for; else theirs is kept, unless `--put-back` was given. Returns the paths to put back.
 */
export const chosenToPutBack = async (
  context: CommandContext,
  {files}: System,
  chosen: readonly StoredTransaction[],
): Promise<readonly string[]> => {
  const {lang, out} = context;
  const back = new Set<string>();
  for (const {path, transaction, settings} of changedSince(files, chosen)) {
    out(fill(texts.changed, {path, transaction})[lang]);
    for (const {name, before, ours, now} of settings ?? []) {
      out(`    ${name}`);
      for (const [label, value] of [
        [texts.before, before],
        [texts.ours, ours],
        [texts.now, now],
      ] as const) {
        // Masked by the name that the value has.
        const shown = value === undefined ? '—' : maskLine(`${name.split(' / ').at(-1)} = ${value}`);
        out(`        ${label[lang]}: ${shown.slice(shown.indexOf('=') + 1).trim()}`);
      }
    }

    if (context.options['put-back'] === true || (canAsk(context) && (await confirm(context, texts.ask)))) {
      back.add(path);
    }
  }

  return [...back];
};

const texts = {
  changed: {
    en: '{path} was changed by somebody else since {transaction}:',
    ja: '{path} は {transaction} の後に他者によって変更されています:',
  },
  before: {en: 'before dovetail', ja: 'dovetail より前'},
  ours: {en: 'as dovetail left it', ja: 'dovetail が書いた値'},
  now: {en: 'now', ja: '現在'},
  ask: {
    en: 'Put this file back as it was before dovetail, without that change (kept beside the record)? Anything else keeps the change.',
    ja: 'この変更を取り除き、dovetail より前の状態に戻しますか (変更は記録に保存します)? それ以外の入力では変更を残します。',
  },
} satisfies Record<string, Text>;
