import {createInterface} from 'node:readline/promises';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {CommandContext} from './context.js';

/** Whether there is somebody to ask. */
export const canAsk = ({options}: Pick<CommandContext, 'options'>) =>
  options['yes'] !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Asks for a typed `yes` on a terminal; `--yes` answers it. Without a terminal it refuses and says how to go on. */
export const confirm = async ({lang, options}: CommandContext, question: Text): Promise<boolean> => {
  if (options['yes'] === true) {
    return true;
  }

  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new ProblemError({code: exitCode.needsRootOrTerminal, what: texts.unconfirmed, remedy: texts.yes});
  }

  const reader = createInterface({input: process.stdin, output: process.stdout});
  try {
    const said = await reader.question(`${fill(texts.ask, {question: question[lang]})[lang]} `);
    return said.trim().toLowerCase() === 'yes';
  } catch {
    // The terminal went away, or Ctrl-C: that is no yes.
    return false;
  } finally {
    reader.close();
  }
};

const texts = {
  ask: {en: '{question} Type “yes”:', ja: '{question} 「yes」と入力してください:'},
  unconfirmed: {
    en: 'Nothing was changed: nobody accepted it.',
    ja: '承認されていないため、何も変更していません。',
  },
  yes: {en: 'Add “--yes” to accept it.', ja: '承認するには「--yes」を付けてください。'},
} satisfies Record<string, Text>;
