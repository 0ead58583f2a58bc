import {paint, type Picture} from './paint.js';

/**
 * The same terminal, written to in fewer bytes. Ink says each frame whole (erase the last one, write the next); what goes out is
 * what differs from the last, and lines that only moved are moved by the terminal. Ink's own incremental rendering knows no
 * scrolling: a step in a diff writes every line anew. Meant for the alternate screen, where a frame begins in the corner.
 */
export const frameOutput = <S extends NodeJS.WritableStream>(stream: S): S => {
  let shown: Picture | undefined;
  const translate = (chunk: string) => {
    const [, before = '', text = '', after = ''] = parts.exec(chunk) ?? [];
    const tail = text === '' ? before : after;
    if (text === '' && (shown === undefined || !cursorAt.test(tail))) {
      // Alternate screen, synchronised output, the cursor hidden: Ink's own business. What it erased is not known any more.
      shown = /[JK]|1049/.test(before) ? undefined : shown;
      return chunk;
    }

    const lines = text === '' ? (shown?.lines ?? []) : text.split('\n');
    const {rows, columns} = stream as {readonly rows?: number; readonly columns?: number};
    if (rows === undefined || columns === undefined || lines.length > rows + 1) {
      shown = undefined;
      return chunk;
    }

    const place = cursorAt.exec(tail);
    const next: Picture = {
      lines,
      columns,
      rows,
      ...(place === null
        ? {}
        : {cursor: {row: lines.length - 1 - Number(place[1] ?? 0), column: Number(place[2]) - 1}}),
    };
    const written = paint(shown, next);
    shown = next;
    return written;
  };

  return new Proxy(stream, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'write' && typeof value === 'function') {
        return (chunk: unknown, ...rest: readonly unknown[]) =>
          value.call(target, typeof chunk === 'string' ? translate(chunk) : chunk, ...rest);
      }

      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};

// Control sequences of Ink, the text of a frame (with colours: those end in “m”), control sequences.
const parts = /^((?:\u001b\[[?\d;]*[A-Zhl])*)([\s\S]*?)((?:\u001b\[[?\d;]*[A-Zhl])*)$/;

// How Ink leaves a cursor that is seen: so many rows above the last line, in this column (counted from 1).
const cursorAt = /(?:\u001b\[(\d+)A)?\u001b\[(\d+)G\u001b\[\?25h$/;
