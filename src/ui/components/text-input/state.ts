import {visible} from '../../../core/text.js';
import {graphemes, widthOf} from '../../../core/width.js';

/** A line that is being typed: its characters as people see them, and where the cursor is among them. */
export type Typed = {
  readonly characters: readonly string[];
  readonly cursor: number;
  /** What was put in last was too long, and nothing of it was taken. */
  readonly refused?: true;
};

export type TypedAction =
  | {readonly type: 'insert'; readonly text: string}
  | {readonly type: 'left' | 'right' | 'home' | 'end' | 'backspace' | 'delete' | 'clear' | 'delete-word'};

export const startTyping = (text: string): Typed => {
  const characters = graphemes(text);
  return {characters, cursor: characters.length};
};

export const textOf = ({characters}: Typed): string => characters.join('');

/** Longest answer that can be typed, in characters; Postfix and Dovecot read longer lines, people do not write them. */
export const typedLimit = 4096;

export const type = (typed: Typed, action: TypedAction): Typed => {
  const {characters, cursor} = typed;
  switch (action.type) {
    case 'insert': {
      const before = graphemes(textOf({characters: characters.slice(0, cursor), cursor}) + action.text);
      const all = [...before, ...characters.slice(cursor)];
      return all.length > typedLimit ? {...typed, refused: true} : {characters: all, cursor: before.length};
    }

    case 'left':
      return {characters, cursor: Math.max(0, cursor - 1)};
    case 'right':
      return {characters, cursor: Math.min(characters.length, cursor + 1)};
    case 'home':
      return {characters, cursor: 0};
    case 'end':
      return {characters, cursor: characters.length};
    case 'backspace':
      return cursor === 0 ? typed : without(characters, cursor - 1, cursor);
    case 'delete':
      return without(characters, cursor, cursor + 1);
    case 'clear':
      return without(characters, 0, cursor);
    case 'delete-word': {
      const before = characters
        .slice(0, cursor)
        .join('')
        .replace(/\S+\s*$/, '');
      return without(characters, graphemes(before).length, cursor);
    }
  }
};

const without = (characters: readonly string[], from: number, to: number): Typed => ({
  characters: [...characters.slice(0, from), ...characters.slice(to)],
  cursor: from,
});

/** The part of a long line that fits in `columns` as it is shown, and the column of the cursor in it. */
export const visiblePart = (
  {characters, cursor}: Typed,
  columns: number,
): {readonly shown: string; readonly column: number} => {
  const pictures = characters.map(visible);
  const widths = pictures.map(widthOf);
  // The cursor takes a column too, so what stands before it has one less.
  let from = cursor;
  let column = 0;
  while (from > 0 && column + (widths[from - 1] ?? 0) < columns) {
    from -= 1;
    column += widths[from] ?? 0;
  }

  let to = cursor;
  let width = column;
  while (to < pictures.length && width + (widths[to] ?? 0) <= columns) {
    width += widths[to] ?? 0;
    to += 1;
  }

  return {shown: pictures.slice(from, to).join(''), column};
};
