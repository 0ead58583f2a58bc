import type {ConfigTree} from '../core/edit.js';
import type {Facts} from '../core/facts.js';

// The first line of files that one section writes whole (templates/): a line of another's in them would go with it.
const whole = /^# [^\n]*\. Written by dovetail\b/;

/**
 * The configuration files of the facts as a tree that editors can walk. Files outside /etc belong to packages; files that are
 * written whole are changed by their own section alone.
 */
export const treeOf = ({files, dovecot}: Facts): ConfigTree => ({
  root: dovecot?.root ?? '/etc/dovecot/dovecot.conf',
  read: path => files[path],
  glob: pattern => Object.keys(files).filter(globMatcher(pattern)).sort(byByte),
  editable: path => path.startsWith('/etc/') && !whole.test(files[path] ?? ''),
});

/** The same tree with other texts for some files; files that are new are found by includes as well. */
export const withFiles = (tree: ConfigTree, files: ReadonlyMap<string, string>): ConfigTree => ({
  ...tree,
  read: path => files.get(path) ?? tree.read(path),
  glob: pattern =>
    [...new Set([...tree.glob(pattern), ...[...files.keys()].filter(globMatcher(pattern))])].sort(byByte),
});

// Latin1 text: code units are bytes, so the plain comparison is Dovecot's.
const byByte = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** glob(7) without braces: `*`, `?` and `[…]`, none of which cross a slash or match a leading dot. */
export const globMatcher = (pattern: string) => {
  const source = pattern
    .split('/')
    .map(
      part => `${/^[*?[]/.test(part) ? '(?!\\.)' : ''}${part.replaceAll(/\[[^\]/]+\]|[\s\S]/g, translate)}`,
    )
    .join('/');
  const expression = new RegExp(`^${source}$`);
  return (path: string) => expression.test(path);
};

const translate = (part: string) => {
  if (part === '*') {
    return '[^/]*';
  }

  if (part === '?') {
    return '[^/]';
  }

  return part.length > 1 ? part.replace(/^\[!/, '[^') : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
};
