/** Questions of a test, each with the values that it may have. */
export type Dimensions = Readonly<Record<string, readonly string[]>>;
export type PairRow<D extends Dimensions> = {readonly [K in keyof D]: D[K][number]};

/**
 * Few rows in which every value of a question meets every value of every other one: each row takes the combination that
 * has most pairs nobody had, values in their order where several have as many. The same every time.
 */
export const pairwise = <const D extends Dimensions>(dimensions: D): readonly PairRow<D>[] => {
  const names = Object.keys(dimensions);
  const open = new Set(
    names.flatMap((one, index) =>
      names
        .slice(index + 1)
        .flatMap(other =>
          (dimensions[one] ?? []).flatMap(a => (dimensions[other] ?? []).map(b => keyOf(one, a, other, b))),
        ),
    ),
  );
  const rows: Record<string, string>[] = [];
  while (open.size > 0) {
    const [one = '', a = '', other = '', b = ''] = JSON.parse([...open][0] ?? '[]') as string[];
    const row: Record<string, string> = {[one]: a, [other]: b};
    for (const name of names.filter(each => row[each] === undefined)) {
      const counts = (dimensions[name] ?? []).map(value => ({
        value,
        pairs: Object.entries(row).filter(([known, has]) =>
          open.has(
            names.indexOf(known) < names.indexOf(name)
              ? keyOf(known, has, name, value)
              : keyOf(name, value, known, has),
          ),
        ).length,
      }));
      row[name] = counts.toSorted((x, y) => y.pairs - x.pairs)[0]?.value ?? '';
    }

    for (const [index, first] of names.entries()) {
      for (const second of names.slice(index + 1)) {
        open.delete(keyOf(first, row[first] ?? '', second, row[second] ?? ''));
      }
    }

    rows.push(Object.fromEntries(names.map(name => [name, row[name] ?? ''])));
  }

  return rows as unknown as readonly PairRow<D>[];
};

const keyOf = (...parts: readonly [string, string, string, string]) => JSON.stringify(parts);
