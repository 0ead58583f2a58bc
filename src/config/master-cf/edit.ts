import type {MasterEdit} from '../../core/edit.js';
import {bare, closed, endingOf, splitLines} from '../lines.js';
import type {Edited} from '../main-cf/edit.js';
import {type Service, services} from './parse.js';

/** Makes one edit in the text of a master.cf: an entry is replaced, switched on from its sample, appended, or commented out. */
export const editMaster = (text: string, edit: MasterEdit): Edited => {
  const lines = splitLines(text);
  const current = services(lines).findLast(service => isSame(service, edit));
  if (edit.state === 'absent') {
    return current === undefined ? {text, how: 'unchanged', line: 0} : commentOut(lines, current);
  }

  if (current !== undefined && equal(current, edit)) {
    return {text, how: 'unchanged', line: 0};
  }

  const end = endingOf(text);
  const entry = entryLines(edit, end);
  if (current !== undefined) {
    return replaceEntry(lines, current, edit, end);
  }

  const sample = services(lines, true).findLast(service => isSame(service, edit));
  if (sample !== undefined) {
    return {
      text: lines.toSpliced(sample.start, sample.end - sample.start, ...entry).join(''),
      how: 'uncommented',
      line: sample.start + 1,
    };
  }

  const base = closed(lines, end);
  return {text: [...base, ...entry].join(''), how: 'inserted', line: base.length + 1};
};

const isSame = (service: Service, edit: MasterEdit) =>
  service.name === edit.name && service.type === edit.type;

const equal = (service: Service, edit: Extract<MasterEdit, {state: 'present'}>) =>
  JSON.stringify(service.columns) === JSON.stringify(edit.columns) &&
  JSON.stringify(Object.entries(service.options)) === JSON.stringify(Object.entries(edit.options));

// The first line keeps its own spacing where the columns agree; comments inside the entry stay.
const replaceEntry = (
  lines: readonly string[],
  current: Service,
  edit: Extract<MasterEdit, {state: 'present'}>,
  end: string,
): Edited => {
  const [first = '', ...options] = entryLines(edit, end);
  const sameHead =
    JSON.stringify(current.columns) === JSON.stringify(edit.columns) &&
    !bare(lines[current.start] ?? '').includes(' -o');
  const comments = lines.slice(current.start + 1, current.end).filter(line => /^\s*#/.test(line));
  const entry = [sameHead ? (lines[current.start] ?? '') : first, ...options, ...comments];
  return {
    text: lines.toSpliced(current.start, current.end - current.start, ...entry).join(''),
    how: 'replaced',
    line: current.start + 1,
  };
};

const commentOut = (lines: readonly string[], {start, end}: Service): Edited => ({
  text: lines
    .map((line, index) =>
      index >= start && index < end && !/^\s*#/.test(line) && bare(line).trim() !== '' ? `#${line}` : line,
    )
    .join(''),
  how: 'removed',
  line: start + 1,
});

const entryLines = ({name, type, columns, options}: Extract<MasterEdit, {state: 'present'}>, end: string) => [
  `${name.padEnd(9)} ${type.padEnd(5)} ${columns.private.padEnd(7)} ${columns.unpriv.padEnd(7)} ${columns.chroot.padEnd(7)} ${columns.wakeup.padEnd(7)} ${columns.maxproc.padEnd(7)} ${columns.command}${end}`,
  ...Object.entries(options).map(
    ([key, value]) => `  -o ${/\s/.test(value) ? `{ ${key} = ${value} }` : `${key}=${value}`}${end}`,
  ),
];
