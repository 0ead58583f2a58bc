/** One line of a menu. */
export type MenuOption<V> = {
  readonly value: V;
  readonly label: string;
  readonly hint?: string | undefined;
  /** Why it cannot be chosen; shown, and passed over by the arrow keys. */
  readonly unavailable?: string | undefined;
};

/** The next line that can be chosen, in a direction; the same where there is none. */
export const nextChoice = <V>(options: readonly MenuOption<V>[], from: number, by: number): number => {
  for (let at = from + by; at >= 0 && at < options.length; at += by) {
    if (options[at]?.unavailable === undefined) {
      return at;
    }
  }

  return from;
};

/** The line to start on: the one asked for, or the first that can be chosen. */
export const firstChoice = <V>(options: readonly MenuOption<V>[], wanted: number): number => {
  const at = Math.min(Math.max(wanted, 0), Math.max(options.length - 1, 0));
  return options[at]?.unavailable === undefined ? at : Math.max(0, nextChoice(options, -1, 1));
};

/** Which lines of many to show so that line `focus` is among them. */
export const windowAround = (
  focus: number,
  all: number,
  rows: number,
): {readonly from: number; readonly to: number} => {
  const from = Math.max(0, Math.min(focus - Math.floor(rows / 2), all - rows));
  return {from, to: Math.min(all, from + rows)};
};
