import {graphemes} from '../../../core/width.js';

/** A line that is being typed: its characters as people see them, and where the cursor is among them. */
export type Typed = {readonly characters: readonly string[]; readonly cursor: number};

export type TypedAction =
  | {readonly type: 'insert'; readonly text: string}
  | {readonly type: 'left' | 'right' | 'home' | 'end' | 'backspace' | 'delete' | 'clear' | 'delete-word'};

export const startTyping = (text: string): Typed => {
  const characters = graphemes(text);
  return {characters, cursor: characters.length};
};

export const textOf = ({characters}: Typed): string => characters.join('');

/** Longest answer that can be typed, in characters; Postfix and Dovecot read longer lines, people do not write them. */
const limit = 4096;

export const type = (typed: Typed, action: TypedAction): Typed => {
  const {characters, cursor} = typed;
  switch (action.type) {
    case 'insert': {
      const before = graphemes(textOf({characters: characters.slice(0, cursor), cursor}) + action.text);
      const all = [...before, ...characters.slice(cursor)];
      return all.length > limit ? typed : {characters: all, cursor: before.length};
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

/** The part of a long line that fits in `columns`, and the column of the cursor in it. */
export const visiblePart = (
  {characters, cursor}: Typed,
  columns: number,
  widthOf: (text: string) => number,
): {readonly shown: string; readonly column: number} => {
  let from = 0;
  while (from < cursor && widthOf(characters.slice(from, cursor).join('')) >= columns) {
    from += 1;
  }

  let shown = '';
  for (const character of characters.slice(from)) {
    if (widthOf(shown + character) > columns) {
      break;
    }

    shown += character;
  }

  return {shown, column: widthOf(characters.slice(from, cursor).join(''))};
};
