import type {MasterColumns} from '../../core/edit.js';
import {bare} from '../lines.js';

/** One service of master.cf (master(5)) with its lines. */
export type Service = {
  readonly name: string;
  readonly type: string;
  readonly columns: MasterColumns;
  /** `-o name=value` and `-o { name = value }` of the entry, in order. */
  readonly options: Readonly<Record<string, string>>;
  readonly start: number;
  readonly end: number;
};

const head = /^(\S+)\s+(inet|unix|unix-dgram|fifo|pass)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/s;

/** Active services in order; with `commented`, the sample entries that are switched off by a leading `#`. */
export const services = (lines: readonly string[], commented = false): readonly Service[] => {
  const found: Service[] = [];
  const strip = (line: string) => (commented ? (/^#(?! {2,}#)(.*)$/s.exec(line)?.[1] ?? '') : line);
  for (let at = 0; at < lines.length; at += 1) {
    const match = head.exec(strip(bare(lines[at] ?? '')));
    if (match === null || /^[\s#]/.test(strip(bare(lines[at] ?? '')))) {
      continue;
    }

    const [
      ,
      name = '',
      type = '',
      priv = '-',
      unpriv = '-',
      chroot = '-',
      wakeup = '-',
      maxproc = '-',
      command = '',
    ] = match;
    const parts = [command.trim()];
    let end = at + 1;
    for (let next = at + 1; next < lines.length; next += 1) {
      const line = bare(lines[next] ?? '');
      if (/^\s+\S/.test(strip(line)) && !/^\s*#/.test(strip(line))) {
        parts.push(strip(line).trim());
        end = next + 1;
      } else if (commented || (line.trim() !== '' && !/^\s*#/.test(line))) {
        break;
      }
    }

    const {program, options} = commandOf(parts.join(' '));
    found.push({
      name,
      type,
      columns: {private: priv, unpriv, chroot, wakeup, maxproc, command: program},
      options,
      start: at,
      end,
    });
    at = end - 1;
  }

  return found;
};

const commandOf = (command: string) => {
  const options: Record<string, string> = {};
  const program = command.replaceAll(
    /\s-o\s*(?:\{\s*([^=\s]+)\s*=\s*([^}]*)\}|([^\s={]+)=(\S*))/g,
    (_whole, longName, longValue, name, value) => {
      options[longName ?? name] = (longValue ?? value ?? '').trim();
      return '';
    },
  );
  return {program: program.trim(), options};
};
