import {type Key, useInput} from 'ink';
import {useActive} from './context.js';

/** Keys for this part of the screen, while it is the one that is asked. */
export const useKeys = (handler: (input: string, key: Key) => void): void => {
  const active = useActive();
  useInput(handler, {isActive: active});
};
