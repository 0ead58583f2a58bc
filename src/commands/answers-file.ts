import {closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync} from 'node:fs';
import {answersFileLimit} from '../answers/file.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {parsePasswd} from '../system/parse.js';

/**
 * The text of an answers file: a regular file of at most 1 MiB in UTF-8, which nobody can change but root, who calls, who
 * called sudo, or the owner of this program. Throws a ProblemError that says which of these it is not.
 */
export const readAnswersFile = (path: string, script: string): string => {
  const bytes = readOpen(path, script);
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    throw problem(path, texts.encoding, texts.encodingRemedy);
  }
};

// O_NONBLOCK: a FIFO must not make us wait; what is looked at is the open file, so nothing can be swapped in between.
const readOpen = (path: string, script: string): Buffer => {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    throw problem(path, texts.unreadable, texts.unreadableRemedy);
  }

  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > answersFileLimit) {
      throw problem(path, texts.notFile, texts.notFileRemedy);
    }

    if ((stat.mode & 0o002) !== 0) {
      throw problem(path, texts.writable, fill(texts.writableRemedy, {path}));
    }

    if (!owners(script).includes(stat.uid)) {
      throw problem(path, fill(texts.owner, {uid: stat.uid}), fill(texts.ownerRemedy, {path}));
    }

    const buffer = Buffer.alloc(answersFileLimit);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }

    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
};

// Whoever can change the program itself needs no answers file to have his way.
const owners = (script: string): readonly number[] => {
  const sudoer = process.env['SUDO_USER'];
  const uid =
    sudoer === undefined
      ? undefined
      : parsePasswd(readFileSync('/etc/passwd', 'latin1')).find(({name}) => name === sudoer)?.uid;
  return [0, process.getuid?.() ?? 0, statSync(script).uid, ...(uid === undefined ? [] : [uid])];
};

const problem = (path: string, cause: Text, remedy: Text) =>
  new ProblemError({code: exitCode.badAnswers, what: fill(texts.what, {path}), cause, remedy});

const texts = {
  what: {en: 'The answers file {path} cannot be used.', ja: '回答ファイル {path} を使えません。'},
  unreadable: {en: 'It cannot be read.', ja: '読み取れません。'},
  unreadableRemedy: {
    en: 'Name one with “--answers FILE”; examples/ has one to start from.',
    ja: '「--answers ファイル」で指定してください。examples/ に例があります。',
  },
  notFile: {
    en: 'It is not a regular file of at most 1 MiB.',
    ja: '1 MiB 以下の通常のファイルではありません。',
  },
  notFileRemedy: {
    en: 'Write the answers into a file; nothing was changed.',
    ja: '回答を通常のファイルに書いてください。何も変更していません。',
  },
  writable: {en: 'Everybody can change it.', ja: '誰でも書き換えられます。'},
  writableRemedy: {
    en: 'Look through it, then take that away: chmod o-w {path}',
    ja: '内容を確認してから権限を外してください: chmod o-w {path}',
  },
  owner: {
    en: 'It belongs to another user (number {uid}), who could change it.',
    ja: '別のユーザー (番号 {uid}) の所有で、書き換えられる恐れがあります。',
  },
  ownerRemedy: {
    en: 'Look through it, then make it yours: chown root {path}',
    ja: '内容を確認してから所有者を変えてください: chown root {path}',
  },
  encoding: {en: 'It is not UTF-8 text.', ja: 'UTF-8 のテキストではありません。'},
  encodingRemedy: {
    en: 'Save it as UTF-8; nothing was changed.',
    ja: 'UTF-8 で保存してください。何も変更していません。',
  },
} satisfies Record<string, Text>;
