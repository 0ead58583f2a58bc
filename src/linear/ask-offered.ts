import type {Question} from '../core/question.js';
import {visibleLine} from '../core/text.js';
import {contextOf, type Detected, effectiveValue, refusalOf} from '../session/places.js';
import type {Place} from '../session/state.js';
import type {Asking} from './ask.js';
import type {Reply} from './prompter.js';

/** Lets people choose from what was found in the world; undefined where nothing was, or something else shall be typed. */
export const askOffered = async (
  {engine, prompter, say, t, lang}: Asking,
  state: Detected,
  place: Place,
  question: Extract<Question, {kind: 'text'}>,
): Promise<Reply<string> | undefined> => {
  const look = question.offers?.(contextOf(state));
  if (look === undefined) {
    return undefined;
  }

  say(`${t('looking')} ${t('secondsLeft', {n: 5})}`);
  const looked = await engine.look(look);
  if (looked.kind === 'nothing') {
    say(looked.finding.summary[lang]);
    return undefined;
  }

  const present = effectiveValue(state, place);
  const options = [
    ...looked.offers.map(({value, hint}) => {
      const label = visibleLine(value, 64);
      const refused = refusalOf(state, place, value)?.[lang];
      return {
        value: value as string | undefined,
        label: hint === undefined ? label : `${label} – ${visibleLine(hint, 200)}`,
        ...(refused === undefined ? {} : {unavailable: refused}),
      };
    }),
    ...(refusalOf(state, place, '') === undefined ? [{value: '', label: t('offerNone')}] : []),
    {value: undefined, label: t('offerOther')},
  ];
  const reply = await prompter.choose({
    message: question.ask[lang],
    options,
    ...(typeof present === 'string' && options.some(({value}) => value === present)
      ? {initial: present}
      : {}),
  });
  if (!('value' in reply)) {
    return reply;
  }

  return reply.value === undefined ? undefined : {value: reply.value};
};
