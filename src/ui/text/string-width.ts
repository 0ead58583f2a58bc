import stringWidth from 'string-width';
import {isPlain, plainWidth} from './plain.js';

const colours = /\u001b\[[\d;]*m/g;

/** string-width as the screens use it, which the bundle puts in its place: its tables of emoji take 13 ms to build, and most texts need none. */
export default function widthOf(text: string, options?: {readonly countAnsiEscapeCodes?: boolean}): number {
  const bare = options?.countAnsiEscapeCodes === true ? text : text.replaceAll(colours, '');
  return isPlain(bare) ? plainWidth(bare) : stringWidth(text, options);
}
