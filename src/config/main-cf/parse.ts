import {bare} from '../lines.js';

/** A parameter of main.cf: its lines from `start` up to `end`, continuation lines and comments between them included. */
export type Parameter = {
  readonly name: string;
  /** Value with continuation lines joined by one blank, as postconf(1) prints it. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
};

/** Active parameters in order (postconf(5): a line that starts with blank continues; comments may stand in between). */
export const parameters = (lines: readonly string[]): readonly Parameter[] => {
  const found: Parameter[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const match = /^([A-Za-z0-9_${}.-]+)\s*=(.*)$/s.exec(bare(lines[at] ?? ''));
    if (match?.[1] === undefined) {
      continue;
    }

    let end = at + 1;
    const parts = [(match[2] ?? '').trim()];
    for (let next = at + 1; next < lines.length; next += 1) {
      const line = bare(lines[next] ?? '');
      if (/^\s+[^\s#]/.test(line)) {
        parts.push(line.trim());
        end = next + 1;
      } else if (line.trim() !== '' && !/^\s*#/.test(line)) {
        break;
      }
    }

    found.push({name: match[1], value: parts.filter(part => part !== '').join(' '), start: at, end});
    at = end - 1;
  }

  return found;
};

/** Name and value of every active parameter, the last one winning. */
export const settingsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(parameters(text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(({name, value}) => [name, value]));
