import type {Host} from '../../system/types.js';
import {type Explained, texts} from './words.js';

type Files = Host['files'];

/** Text of the file with the authorities; empty where it is not there. */
export const caText = (path: string, files: Files) =>
  files.read(path, {follow: true, limit: 5 * 1024 * 1024})?.toString('latin1') ?? '';

/** Why servers cannot use a file of authorities: they read it as users of their own. */
export const caProblem = (path: string, files: Files): Explained | undefined => {
  let text: string;
  try {
    text = caText(path, files);
  } catch {
    return {summary: texts.noCa, remedy: texts.noCaRemedy};
  }

  return text === ''
    ? {summary: texts.noCa, remedy: texts.noCaRemedy}
    : !text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('-----BEGIN TRUSTED CERTIFICATE-----')
      ? {summary: texts.emptyCa, remedy: texts.emptyCaRemedy}
      : isOpen(path, files)
        ? undefined
        : {summary: texts.privateCa, remedy: texts.privateCaRemedy};
};

// Everybody may go to it and read it; of a link, whoever made it has seen to that.
const isOpen = (path: string, files: Files) => {
  const folders = path
    .split('/')
    .slice(1, -1)
    .map((_name, at, all) => `/${all.slice(0, at + 1).join('/')}`);
  const stat = files.lstat(path);
  return (
    folders.every(folder => {
      const there = files.lstat(folder);
      return there === undefined || there.type !== 'directory' || (there.mode & 0o001) !== 0;
    }) &&
    (stat === undefined || stat.type === 'link' || (stat.mode & 0o004) !== 0)
  );
};
