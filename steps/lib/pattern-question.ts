import type {Facts} from '../../src/core/facts.js';
import {rows} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import {checkCaution, checksThere, checksType, parseCheck, type Part} from './checks.js';

/** Patterns of the header or of the text: a rule a line, and a field to try them in. */
export const patterns = (part: Part, {ask, example}: {readonly ask: Text; readonly example: string}) =>
  rows({
    ask,
    help: {
      en: '/PATTERN/ ACTION TEXT, a rule a line, the first that hits counts. They are for all mail, also what people here send.',
      ja: '1 行に 1 つ「/パターン/ 動作 文言」と書き、最初に合ったものが適用されます。ここの利用者が送るメールも対象です。',
    },
    why: {
      en: 'A pattern that is too wide refuses real mail: try it on a message that you have.',
      ja: '広すぎるパターンは正当なメールも拒否します。手元のメールで試してください。',
    },
    example,
    level: 'advanced',
    initial: ({facts}: {readonly facts: Facts}) => checksThere(facts, part) ?? [],
    validateItem: item => {
      const parsed = parseCheck(item);
      return 'action' in parsed ? undefined : parsed;
    },
    validate: items =>
      new Set(items).size < items.length
        ? {en: 'A rule is there twice.', ja: '規則が重複しています。'}
        : undefined,
    caution: checkCaution,
    live: (items, {facts}) =>
      items.length === 0 || checksThere(facts, part)?.join('\n') === items.join('\n')
        ? undefined
        : {kind: 'patterns', part, type: checksType(facts, part), rules: items},
    attempt: (items, {facts}) => ({kind: 'patterns', part, type: checksType(facts, part), rules: items}),
  });
