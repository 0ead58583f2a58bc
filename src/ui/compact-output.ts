/**
 * The same terminal, written to in fewer bytes: Ink steps over each unchanged line with an `ESC [ E` of its own, which
 * on 24 rows costs more than the line that changed. One `ESC [ n E` (ECMA-48, CNL) goes just as far.
 */
export const compactOutput = <S extends NodeJS.WritableStream>(stream: S): S =>
  new Proxy(stream, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'write' && typeof value === 'function') {
        return (chunk: unknown, ...rest: readonly unknown[]) =>
          value.call(target, typeof chunk === 'string' ? compact(chunk) : chunk, ...rest);
      }

      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

export const compact = (text: string): string =>
  text.replaceAll(/(?:\u001b\[E){2,}/g, steps => `\u001b[${steps.length / 3}E`);
