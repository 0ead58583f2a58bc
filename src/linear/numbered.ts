import type {Translate} from '../i18n/index.js';
import {createLineReader, type Input} from './lines.js';
import {commandOf, type Option, type Prompter, type Reply} from './prompter.js';

/** Numbered prompts for dumb terminals and screen readers: whole lines, no cursor movement, no repainting. */
export const numberedPrompter = (input: Input, print: (text: string) => void, t: Translate): Prompter => {
  const reader = createLineReader(input);

  const line = async (prompt: string, hidden = false): Promise<Reply<string>> => {
    print(`${prompt}: `);
    const typed = await reader.next({hidden});
    if (hidden) {
      print('\n');
    }

    const command = typed === undefined ? undefined : commandOf(typed);
    return typed === undefined ? {gone: true} : command === undefined ? {value: typed} : {command};
  };

  const list = <V>(options: readonly Option<V>[], ticked: readonly V[] = []) =>
    options.forEach(({value, label, unavailable}, index) => {
      const mark = ticked.includes(value) ? ' *' : '';
      const why = unavailable === undefined ? '' : ` (${t('unavailable', {reason: unavailable})})`;
      print(`  ${index + 1}. ${label}${mark}${why}\n`);
    });

  // Asks until the numbers are there; Enter alone keeps what is preset.
  const numbers = async <V>(
    prompt: string,
    options: readonly Option<V>[],
    preset: readonly V[] | undefined,
    many: boolean,
  ): Promise<Reply<readonly V[]>> => {
    for (;;) {
      const reply = await line(prompt);
      if (!('value' in reply)) {
        return reply;
      }

      const typed = reply.value.trim();
      if (typed === '' && preset !== undefined) {
        return {value: preset};
      }

      const parts = typed.split(/[\s,]+/).filter(part => part !== '');
      const picked = parts.map(part => (/^[0-9]+$/.test(part) ? options[Number(part) - 1] : undefined));
      const good = picked.filter(option => option !== undefined && option.unavailable === undefined);
      if (good.length === parts.length && (many || good.length === 1)) {
        return {value: good.map(option => (option as Option<V>).value)};
      }

      print(`${t('noSuchNumber')}\n`);
    }
  };

  return {
    text: async ({message, initial}) => {
      const reply = await line(initial ? `${message} [${initial}]` : message);
      return 'value' in reply && reply.value.trim() === '' ? {value: initial ?? ''} : reply;
    },
    secret: ({message}) => line(`${message} ${t('hidden')}`, true),
    choose: async ({message, options, initial}) => {
      print(`${message}\n`);
      list(options);
      const at = options.findIndex(({value}) => value === initial);
      const preset = options[at];
      const reply = await numbers(
        preset === undefined ? t('pickNumber') : `${t('pickNumber')} [${at + 1}: ${preset.label}]`,
        options,
        preset === undefined ? undefined : [preset.value],
        false,
      );
      return 'value' in reply ? first(reply.value) : reply;
    },
    tick: async ({message, options, initial}) => {
      print(`${message}\n`);
      list(options, initial);
      const preset = initial.map(value => options.findIndex(option => option.value === value) + 1).join(',');
      return numbers(`${t('pickNumbers')} [${preset}]`, options, initial, true);
    },
    close: reader.close,
  };
};

const first = <V>(values: readonly V[]): Reply<V> =>
  values.length === 0 ? {gone: true} : {value: values[0] as V};
