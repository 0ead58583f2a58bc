/**
 * Addresses whose mail comes back to themselves. What leads nowhere further is taken away again and again; the rest goes
 * round. An address that names itself keeps a copy and ends there (virtual(5)).
 */
export const loops = (targets: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const left = new Map<string, number>();
  const sources = new Map<string, string[]>();
  for (const [from, all] of targets) {
    const onward = all.filter(to => to !== from && targets.has(to));
    left.set(from, onward.length);
    for (const to of onward) {
      const there = sources.get(to);
      there === undefined ? sources.set(to, [from]) : there.push(from);
    }
  }

  const ended = [...left].flatMap(([from, count]) => (count === 0 ? [from] : []));
  for (const address of ended) {
    left.delete(address);
    for (const source of sources.get(address) ?? []) {
      const count = (left.get(source) ?? 0) - 1;
      left.set(source, count);
      if (count === 0) {
        ended.push(source);
      }
    }
  }

  return new Set(left.keys());
};
