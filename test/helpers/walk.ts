import type {Terminal} from './terminal.js';

/** Words of a question, and what answers it: keys by tmux's names, text to type after `=`, and what the screen must show before the next. */
export type Typed = readonly (readonly [words: string, keys: readonly (string | RegExp)[]])[];

/** Milliseconds that a live test of an answer may take before the next question is shown. */
const patience = 30_000;

/** Sends keys and text in the order in which a person would, who reads in between. */
export const type = async (terminal: Terminal, keys: readonly (string | RegExp)[]) => {
  for (const key of keys) {
    await (key instanceof RegExp
      ? terminal.until(key, patience)
      : key.startsWith('=')
        ? terminal.type(key.slice(1))
        : terminal.press(key));
  }
};

/**
 * Goes through the questions of the wizard until none is asked any more: those in `typed` are answered by their keys, all others by
 * Enter. Gives what was asked. Throws with the screen where a question stays.
 */
export const walk = async (terminal: Terminal, typed: Typed): Promise<readonly string[]> => {
  const asked: string[] = [];
  for (;;) {
    const shown = await terminal.until(
      /Question \d+ of \d+|Decided for you|Show what would change|Planning|a accept/,
    );
    if (!/Question \d+ of/.test(shown)) {
      return asked;
    }

    const question = questionOf(shown);
    asked.push(question);
    const [, keys = ['Enter']] = typed.find(([words]) => question.includes(words)) ?? [];
    await type(terminal, keys);
    for (const end = Date.now() + patience; questionOf(terminal.screen()) === question; ) {
      if (Date.now() > end || terminal.screen().includes('Use it anyway')) {
        throw new Error(`It is asked still:\n${terminal.screen()}`);
      }

      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
};

/** The paragraph below the rule, as one line. */
const questionOf = (screen: string) => {
  const lines = screen.split('\n');
  const from = lines.findIndex(line => /^─{20}/.test(line)) + 1;
  const text = lines.slice(from, from + 2).join(' ');
  return /Question \d+ of/.test(screen) ? text.trim() : '';
};

/** From what would change to the last question, with yes chosen: the next Enter has it made. */
export const look = async (terminal: Terminal, within: number) => {
  if (!(await terminal.until(/Show what would change|a accept/, within)).includes('a accept')) {
    await terminal.press('Enter');
    await terminal.until('a accept', within);
  }

  await terminal.press('a');
  await terminal.until(/Make (?:this change|these \d+ changes) now\?/);
  await terminal.press('Down');
};

/** From what would change to the end: everything is looked at, accepted, and proved; gives the last screen. */
export const accept = async (terminal: Terminal, within: number): Promise<string> => {
  await look(terminal, within);
  await terminal.press('Enter');
  const shown = await terminal.until(/What next\?/, within);
  await terminal.press('Enter');
  return shown;
};
