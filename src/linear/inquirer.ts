import inquirer from 'inquirer';
import type {Translate} from '../i18n/index.js';
import type {Input} from './lines.js';
import {type Command, commandOf, type Prompter, type Reply} from './prompter.js';

/** Line prompts by inquirer, for `--plain`. Lists end with the commands that typed answers have as `:b`, `:n`, `:g`, `:q`. */
export const inquirerPrompter = (input: Input, output: NodeJS.WritableStream, t: Translate): Prompter => {
  const prompt = inquirer.createPromptModule({input, output});
  let open: {readonly ui: {readonly close: () => void}} | undefined;

  const ask = async <V>(question: Record<string, unknown>): Promise<Reply<V>> => {
    try {
      const asked = prompt([{...question, name: 'answer'}] as never) as unknown as Promise<{answer: V}> & {
        ui: {close: () => void};
      };
      open = asked;
      return {value: (await asked).answer};
    } catch (error) {
      // Ctrl-C, or the input ended: inquirer says so by these names.
      if (error instanceof Error && /^(?:ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name)) {
        return {gone: true};
      }

      throw error;
    } finally {
      open = undefined;
    }
  };

  const typed = async (question: Record<string, unknown>): Promise<Reply<string>> => {
    const reply = await ask<string>(question);
    const command = 'value' in reply ? commandOf(reply.value) : undefined;
    return command === undefined ? reply : {command};
  };

  return {
    text: ({message, initial}) => typed({type: 'input', message, ...(initial ? {default: initial} : {})}),
    secret: ({message}) => typed({type: 'password', message: `${message} ${t('hidden')}`}),
    choose: async ({message, options, initial}) => {
      const at = options.findIndex(({value}) => value === initial);
      const reply = await ask<string>({
        type: 'select',
        message,
        loop: false,
        pageSize: 12,
        ...(at < 0 ? {} : {default: String(at)}),
        choices: [
          ...options.map(({label, unavailable}, index) => ({
            value: String(index),
            name: label,
            ...(unavailable === undefined ? {} : {disabled: t('unavailable', {reason: unavailable})}),
          })),
          ...commands.map(({command, word}) => ({value: command, name: t(word)})),
        ],
      });
      if (!('value' in reply)) {
        return reply;
      }

      const option = options[Number(reply.value)];
      return option === undefined ? {command: reply.value as Command} : {value: option.value};
    },
    tick: async ({message, options, initial}) => {
      const reply = await ask<readonly string[]>({
        type: 'checkbox',
        message,
        loop: false,
        pageSize: 12,
        choices: options.map(({value, label, unavailable}, index) => ({
          value: String(index),
          name: label,
          checked: initial.includes(value),
          ...(unavailable === undefined ? {} : {disabled: t('unavailable', {reason: unavailable})}),
        })),
      });
      return 'value' in reply
        ? {
            value: reply.value.flatMap(index => {
              const option = options[Number(index)];
              return option === undefined ? [] : [option.value];
            }),
          }
        : reply;
    },
    close: () => open?.ui.close(),
  };
};

const commands = [
  {command: 'back', word: 'goBack'},
  {command: 'sections', word: 'sections'},
  {command: 'quit', word: 'quit'},
] as const;
