/** What can be typed instead of an answer. */
export type Command = 'back' | 'skip' | 'sections' | 'quit';

/** An answer or a command; `gone`: the input ended or Ctrl-C was pressed. */
export type Reply<V> = {readonly value: V} | {readonly command: Command} | {readonly gone: true};

export type Option<V> = {
  readonly value: V;
  readonly label: string;
  /** Why it cannot be chosen. */
  readonly unavailable?: string;
};

/** How lines are asked for; two of them exist, and both work without repainting the screen. */
export type Prompter = {
  readonly text: (prompt: {readonly message: string; readonly initial?: string}) => Promise<Reply<string>>;
  /** Nothing that is typed is shown, not even how much. */
  readonly secret: (prompt: {readonly message: string}) => Promise<Reply<string>>;
  readonly choose: <V>(prompt: {
    readonly message: string;
    readonly options: readonly Option<V>[];
    readonly initial?: V;
  }) => Promise<Reply<V>>;
  readonly tick: <V>(prompt: {
    readonly message: string;
    readonly options: readonly Option<V>[];
    readonly initial: readonly V[];
  }) => Promise<Reply<readonly V[]>>;
  /** Ends a prompt that waits, with `gone`. */
  readonly close: () => void;
};

/** `:b` and its like, the same in both prompters. */
export const commandOf = (typed: string): Command | undefined =>
  (({':b': 'back', ':n': 'skip', ':g': 'sections', ':q': 'quit'}) as const)[typed.trim().toLowerCase()];
