/**
 * Where a secret comes from, as an answers file says it. `keep`: what is on the machine stays. `generate`: made by
 * dovetail and shown once. `held`: typed in; the value lives in this process's memory under that id, nowhere else.
 */
export type SecretRef =
  | {readonly from: `file:${string}` | `fd:${number}`}
  | {readonly held: string}
  | 'keep'
  | 'generate';

/** A value that never prints itself: `reveal` is the only way to it, and is used to write to a 0600 file or to stdin. */
export type Secret = {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
};

/** What people see in place of a secret: never its length. */
export const masked = '•••';

/** Wraps a value so that printing, inspecting or serialising it shows only the mask. */
export const secret = (value: string): Secret =>
  Object.freeze({
    reveal: () => value,
    toString: () => masked,
    toJSON: () => masked,
    [Symbol.for('nodejs.util.inspect.custom')]: () => masked,
  });
