import type {Question} from '../core/question.js';
import {visibleLine} from '../core/text.js';
import {contextOf, type Detected, effectiveValue} from '../session/places.js';
import type {Place} from '../session/state.js';
import type {Asking} from './ask.js';
import type {Reply} from './prompter.js';

/** Lines that are printed before each prompt; more are there, and are counted. */
const most = 30;

/** A table of lines in plain prompts: a number changes a line, `+` adds one, `-3` takes the third out, `?` tries them, empty ends. */
export const askRows = async (
  asking: Asking,
  state: Detected,
  place: Place,
  question: Extract<Question, {kind: 'rows'}>,
): Promise<Reply<readonly string[]>> => {
  const {engine, prompter, say, t, lang} = asking;
  let items = (effectiveValue(state, place) ?? []) as readonly string[];
  say(question.ask[lang]);
  for (;;) {
    items.slice(0, most).forEach((item, at) => void say(`  ${at + 1}. ${visibleLine(item)}`));
    if (items.length > most) {
      say(`  … (+${items.length - most})`);
    }

    const reply = await prompter.text({message: t('rowNumber')});
    if (!('value' in reply)) {
      return reply;
    }

    const typed = reply.value.trim();
    const [, sign = '', digits = ''] = /^([+?-]?)\s*(\d*)$/.exec(typed) ?? [];
    const line = Number(digits) - 1;
    if (typed === '') {
      return {value: items};
    }

    if (sign === '-' && items[line] !== undefined) {
      items = items.toSpliced(line, 1);
    } else if (sign === '?' && question.attempt !== undefined) {
      const sample = await prompter.text({message: t('rowTryWhat')});
      if (!('value' in sample)) {
        return sample;
      }

      const check = {...question.attempt(items, contextOf(state)), sample: sample.value};
      const findings = await engine.liveCheck(check, new AbortController().signal);
      findings.forEach(({summary}) => void say(summary[lang]));
    } else if ((sign === '+' && digits === '') || (sign === '' && items[line] !== undefined)) {
      const at = sign === '+' ? items.length : line;
      const row = await askRow(asking, state, question, items[at]);
      if (!('value' in row)) {
        return row;
      }

      items = row.value === '' ? items : items.toSpliced(at, 1, row.value);
    } else {
      say(`! ${t('noSuchNumber')}`);
    }
  }
};

// One line, until it is a good one; empty goes back.
const askRow = async (
  {prompter, say, t, lang}: Asking,
  state: Detected,
  question: Extract<Question, {kind: 'rows'}>,
  initial: string | undefined,
): Promise<Reply<string>> => {
  for (;;) {
    const reply = await prompter.text({message: t('rowNew'), ...(initial === undefined ? {} : {initial})});
    if (!('value' in reply)) {
      return reply;
    }

    const item = reply.value.trim();
    const reason = item === '' ? undefined : question.validateItem?.(item, contextOf(state));
    if (reason === undefined) {
      return {value: item};
    }

    say(`! ${reason[lang]}`);
  }
};
