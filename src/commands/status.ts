import {exitCode} from '../core/exit-code.js';
import {fill, type Text} from '../core/text.js';
import {realFiles} from '../system/files.js';
import {currentId, listTransactions} from '../transaction/store.js';
import type {CommandContext} from './context.js';
import {needRoot} from './need-root.js';

/** `dovetail status`: what is applied, and whether a run was cut short. Loads little: it is asked often. */
export const status = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {lang, out, options} = context;
  const files = realFiles();
  const unfinished = currentId(files);
  const last = listTransactions(files).find(({state}) => state === 'committed');
  if (options['json'] === true) {
    out(JSON.stringify({unfinished: unfinished ?? null, last: last?.id ?? null}));
  } else {
    const sections = last?.plan.sections.join(', ') ?? '';
    out(
      (last === undefined ? texts.nothing : fill(texts.last, {id: last.id, when: last.plan.made, sections}))[
        lang
      ],
    );
    if (unfinished !== undefined) {
      out(fill(texts.unfinished, {id: unfinished})[lang]);
    }
  }

  return unfinished === undefined ? exitCode.done : exitCode.stuck;
};

const texts = {
  nothing: {en: 'Nothing that dovetail did is in force.', ja: 'dovetail が適用したものはありません。'},
  last: {
    en: 'Last applied: {id} ({when}). Sections: {sections}.',
    ja: '最後の適用: {id} ({when})。セクション: {sections}',
  },
  unfinished: {
    en: '{id} was cut short: “dovetail rollback” puts the machine in order.',
    ja: '{id} は中断されています。「dovetail rollback」で元の状態に戻せます。',
  },
} satisfies Record<string, Text>;
