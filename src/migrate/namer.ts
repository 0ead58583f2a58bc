import type {Setting} from './types.js';

/** Gives blocks that have no name in 2.3 one of their own for 2.4: the wished one, with a number where it is taken. */
export type Namer = (block: Setting['path'][number], wish: string) => string;

export const namer = (): Namer => {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return ({type, name, id}, wish) => {
    if (name !== undefined) {
      return name;
    }

    const key = `${type} ${id}`;
    const before = given.get(key);
    if (before !== undefined) {
      return before;
    }

    let fresh = wish;
    for (let count = 2; taken.has(`${type} ${fresh}`); count += 1) {
      fresh = `${wish}-${count}`;
    }

    taken.add(`${type} ${fresh}`);
    given.set(key, fresh);
    return fresh;
  };
};
