import type {Files} from './types.js';

/** Called before and after every operation that changes something; may throw, or end the process. `index` counts from 1. */
export type FaultHook = (
  when: 'before' | 'after',
  operation: keyof Files,
  path: string,
  index: number,
) => void;

const changing: readonly (keyof Files)[] = [
  'create',
  'copy',
  'append',
  'note',
  'syncFile',
  'syncDirectory',
  'chown',
  'chmod',
  'copyAttributes',
  'setTime',
  'rename',
  'exchange',
  'overwrite',
  'link',
  'symlink',
  'unlink',
  'makeDirectory',
  'removeDirectory',
];

/** The same floor with a hook around every changing operation: kill points and injected errors live here alone. */
export const withFaults = (files: Files, hook: FaultHook): Files => {
  let index = 0;
  const wrapped: Record<string, unknown> = {...files};
  for (const operation of changing) {
    const original = files[operation] as (...args: readonly unknown[]) => unknown;
    wrapped[operation] = (...args: readonly unknown[]) => {
      index += 1;
      const own = index;
      hook('before', operation, String(args[0]), own);
      const result = original(...args);
      hook('after', operation, String(args[0]), own);
      return result;
    };
  }

  return wrapped as Files;
};
