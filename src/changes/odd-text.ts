import {type OddBytes, oddBytes, oddWords} from '../config/odd-bytes.js';
import type {Change} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import type {Problem} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {readLimit} from '../system/files.js';
import type {Blobs, ReadFiles} from '../system/types.js';
import {realOf} from './ground.js';

/** Why a file is not edited; `unread`: it is not even looked at. */
export type OddText = Problem & {readonly unread: boolean};

/**
 * Why a change would write into what is no text of configuration: a NUL byte or a mark of the byte order would stay in it, and the
 * daemons read something else there than people do; or it is larger than is read. Undefined for every other change.
 */
export const oddText = (
  files: ReadFiles,
  change: Change,
  {blobs}: {readonly blobs: Pick<Blobs, 'get'>},
): OddText | undefined => {
  switch (change.kind) {
    case 'config.edit': {
      const odd = oddBytes(blobs.get(change.after));
      return odd === undefined ? undefined : problemOf(change.path, oddIn(files, change.path) ?? odd);
    }
    case 'file.write': {
      const odd = change.content
        .map(part => ('text' in part ? oddBytes(part.text) : undefined))
        .find(Boolean);
      return odd === undefined ? undefined : problemOf(change.path, oddIn(files, change.path) ?? odd);
    }
    case 'rows.edit': {
      const size = sizeOf(files, change.path);
      if (size > readLimit) {
        return tooLarge(change.path, size);
      }

      const odd = oddIn(files, change.path);
      return odd === undefined ? undefined : problemOf(change.path, odd);
    }
    default:
      return undefined;
  }
};

// A link that may not be followed is refused, with its own words, when the change begins.
const sizeOf = (files: ReadFiles, path: string): number => {
  const stat = files.lstat(path);
  try {
    return (stat?.type === 'link' ? files.lstat(realOf(files, path))?.size : stat?.size) ?? 0;
  } catch {
    return 0;
  }
};

// A list may have many thousand rows: it is not read into memory whole for this.
const oddIn = (files: ReadFiles, path: string): OddBytes | undefined => {
  if (files.parts === undefined) {
    return oddBytes(files.read(path, {follow: true}) ?? Buffer.alloc(0));
  }

  let lines = 0;
  let isFirst = true;
  let found: OddBytes | undefined;
  files.parts(path, part => {
    const odd = oddBytes(part);
    found =
      odd?.what === 'nul' || (odd !== undefined && isFirst) ? {...odd, line: lines + odd.line} : undefined;
    isFirst = false;
    lines += linesIn(part);
    return found !== undefined;
  });
  return found;
};

const linesIn = (part: Buffer) => {
  let count = 0;
  for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) {
    count += 1;
  }

  return count;
};

const problemOf = (path: string, odd: OddBytes): OddText => ({
  code: exitCode.stalePlan,
  ...oddWords(path, odd),
  unread: false,
});

const tooLarge = (path: string, size: number): OddText => ({
  code: exitCode.stalePlan,
  what: fill(texts.large, {path, size: Math.ceil(size / 1024 / 1024), most: readLimit / 1024 / 1024}),
  remedy: texts.largeRemedy,
  unread: true,
});

const texts = {
  large: {
    en: '{path} is not edited: it has {size} MiB, and at most {most} MiB are read.',
    ja: '{path} は編集しません。{size} MiB あり、読み込めるのは {most} MiB までです。',
  },
  largeRemedy: {
    en: 'Divide the table, or move it into a database; or leave this section out.',
    ja: '表を分割するか、データベースに移すか、このセクションを除外してください。',
  },
} satisfies Record<string, Text>;
