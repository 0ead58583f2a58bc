import {oddBytes, oddWords} from '../config/odd-bytes.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Host} from '../system/types.js';

/** Files of configuration that will not be edited, or whose content is not looked at, said before anything is asked. */
export const oddFiles = ({files: at}: Pick<Host, 'files'>, files: Facts['files']): readonly Finding[] => {
  const tables = tablesIn(files['/etc/postfix/main.cf'] ?? '');
  const isConfiguration = (path: string) =>
    /\.(?:conf|ext|cf)$/.test(path) || others.has(path) || tables.has(path);
  const odd = Object.entries(files).flatMap(([path, text]): readonly Finding[] => {
    const found = isConfiguration(path) ? oddBytes(text) : undefined;
    if (found === undefined) {
      return [];
    }

    const {what: summary, ...words} = oddWords(path, found);
    return [{id: `detect:odd:${path}`, severity: 'warning', summary, ...words}];
  });
  const unread = [...tables].flatMap((path): readonly Finding[] => {
    const stat = files[path] === undefined ? at.lstat(path) : undefined;
    return stat?.type === 'file' && /^\/etc\/(?:postfix|dovecot)\//.test(path)
      ? [
          {
            id: `detect:large:${path}`,
            severity: 'warning',
            summary: fill(texts.large, {path, size: Math.ceil(Number(stat.size) / 1024 / 1024)}),
            remedy: texts.largeRemedy,
          },
        ]
      : [];
  });
  return [...odd, ...unread];
};

const others = new Set(['/etc/aliases', '/etc/mailname', '/etc/pam.d/dovecot', '/etc/dovecot/users']);

/** Tables that main.cf names (DATABASE_README): `TYPE:/PATH`. */
const tablesIn = (main: string): ReadonlySet<string> =>
  new Set([...main.matchAll(/\b[a-z]+:(\/[^\s,}]+)/g)].map(([, path = '']) => path));

const texts = {
  large: {
    en: '{path} has {size} MiB: what it says is not among the answers that are taken over; entries are still added to it.',
    ja: '{path} は {size} MiB あるため内容は回答に反映しませんが、項目の追加はできます。',
  },
  largeRemedy: {
    en: 'Nothing to do, unless an answer should show what the table says.',
    ja: '表の内容を回答に表示する必要がなければ、対処は不要です。',
  },
} satisfies Record<string, Text>;
