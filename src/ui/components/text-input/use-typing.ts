import {useInput, usePaste} from 'ink';
import {useReducer, useRef} from 'react';
import {useActive} from '../../context.js';
import {startTyping, textOf, type, type Typed, type TypedAction} from './state.js';

type Options = {
  readonly initial: string;
  readonly onChange?: ((text: string) => void) | undefined;
  readonly onSubmit: (text: string) => void;
};

/**
 * Keys and pastes as edits of one line. A paste never submits: line ends in it become blanks. What else does not belong
 * there stays, is shown as a picture and refused by the question: a pasted answer is never changed silently.
 */
export const useTyping = ({initial, onChange, onSubmit}: Options): Typed => {
  const active = useActive();
  // A ref, not state: keys that arrive together must each see what the one before did.
  const typed = useRef<Typed | undefined>(undefined);
  typed.current ??= startTyping(initial);
  const [, redraw] = useReducer((count: number) => count + 1, 0);

  const edit = (action: TypedAction) => {
    const before = typed.current ?? startTyping('');
    typed.current = type(before, action);
    redraw();
    if (textOf(typed.current) !== textOf(before)) {
      onChange?.(textOf(typed.current));
    }
  };

  useInput(
    (input, key) => {
      const action = actionOf(input, key);
      if (key.return) {
        onSubmit(textOf(typed.current ?? startTyping('')));
      } else if (action !== undefined) {
        edit(action);
      }
    },
    {isActive: active},
  );
  usePaste(text => edit({type: 'insert', text: asOneLine(text)}), {isActive: active});
  return typed.current;
};

const actionOf = (
  input: string,
  key: Parameters<Parameters<typeof useInput>[0]>[1],
): TypedAction | undefined => {
  if (key.leftArrow || key.rightArrow) {
    return {type: key.leftArrow ? 'left' : 'right'};
  }

  if (key.home || (key.ctrl && input === 'a')) {
    return {type: 'home'};
  }

  if (key.end || (key.ctrl && input === 'e')) {
    return {type: 'end'};
  }

  if (key.backspace) {
    return {type: 'backspace'};
  }

  if (key.delete) {
    return {type: 'delete'};
  }

  if (key.ctrl) {
    return input === 'u' ? {type: 'clear'} : input === 'w' ? {type: 'delete-word'} : undefined;
  }

  const text = asOneLine(input).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '');
  return key.meta || key.escape || key.tab || text === '' ? undefined : {type: 'insert', text};
};

// Terminals without bracketed paste send a paste as keys; its line ends must not submit either.
const asOneLine = (text: string) => text.replace(/[\r\n]+$/, '').replaceAll(/[\r\n\t]+/g, ' ');
