import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {ReadFiles, Stat} from '../system/types.js';

/** Links that are followed on the way to a file, as many as Linux follows (path_resolution(7)). */
const mostLinks = 40;

/**
 * Refuses a path in a directory that another user could swap under us: each part of the way is root's and nobody else may
 * write there (CVE-2017-18078 and its kin). Throws a ProblemError that names the part.
 */
export const refuseUnsafe = (files: ReadFiles, path: string, links = 0): void => {
  const names = parentOf(path).split('/').filter(Boolean);
  for (const [index] of names.entries()) {
    const at = `/${names.slice(0, index + 1).join('/')}`;
    const stat = files.lstat(at);
    // What is not there yet is made by a change of this plan.
    if (stat === undefined) {
      return;
    }

    if (!isOwn(stat) || (stat.type !== 'link' && isOthersToWrite(stat)) || links > mostLinks) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.unsafe, {path, at}),
        remedy: fill(texts.unsafeRemedy, {at}),
      });
    }

    if (stat.type === 'link') {
      const rest = [...names.slice(index + 1), 'x'].join('/');
      refuseUnsafe(files, `${targetOf(files, at)}/${rest}`, links + 1);
      return;
    }
  }
};

/** The file that a path means: where it is a link, what it leads to in the end, if nobody else can turn it elsewhere. */
export const realOf = (files: ReadFiles, path: string): string => {
  let at = path;
  for (let links = 0; files.lstat(at)?.type === 'link'; links += 1) {
    refuseUnsafe(files, at);
    const stat = files.lstat(at);
    if (links > mostLinks || (stat !== undefined && !isOwn(stat))) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.link, {path, at}),
        remedy: fill(texts.linkRemedy, {path}),
      });
    }

    at = targetOf(files, at);
  }

  return at;
};

/** Whether a file is a mount point itself: nothing can be renamed over it (rename(2), EBUSY). */
export const isMounted = (files: ReadFiles, path: string) =>
  (files.read('/proc/self/mountinfo')?.toString('latin1') ?? '')
    .split('\n')
    .some(line => withoutOctal(line.split(' ')[4] ?? '') === path);

// proc(5): blanks and backslashes are written as octal numbers.
const withoutOctal = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const isOwn = ({uid}: Stat) => uid === 0 || uid === process.getuid?.();

const isOthersToWrite = ({mode, gid}: Stat) =>
  (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0 && gid !== process.getgid?.());

const targetOf = (files: ReadFiles, at: string) => {
  const target = files.readLink(at) ?? '';
  const parts = `${target.startsWith('/') ? '' : `${parentOf(at)}/`}${target}`.split('/');
  const way: string[] = [];
  for (const part of parts) {
    if (part === '..') {
      way.pop();
    } else if (part !== '' && part !== '.') {
      way.push(part);
    }
  }

  return `/${way.join('/')}`;
};

const texts = {
  unsafe: {
    en: '{path} is not touched: others than root can change what {at} is.',
    ja: '{at} は root 以外が変更できるため、{path} には触れません。',
  },
  unsafeRemedy: {
    en: 'See “ls -ld {at}”: it must be root’s, and nobody else’s to write.',
    ja: '「ls -ld {at}」を確認してください。所有者を root にし、他者の書き込みを禁止してください。',
  },
  link: {
    en: '{path} is not touched: {at} is a link that is not root’s, or leads in a circle.',
    ja: '{at} は root 以外が所有するリンクか循環しているため、{path} には触れません。',
  },
  linkRemedy: {
    en: 'Put a file in the place of the link {path}, or make the link root’s.',
    ja: 'リンク {path} をファイルに置き換えるか、所有者を root にしてください。',
  },
} satisfies Record<string, Text>;
