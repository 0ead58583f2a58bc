import type {Block, DovecotEdit} from '../../src/core/edit.js';
import {unquote} from '../../src/config/dovecot/parse.js';

/** Settings as doveconf(1) shows them, by their place: `service auth/unix_listener auth-userdb/mode`. */
type Shown = ReadonlyMap<string, string>;

/** Output of doveconf(1): what is not a default, before and after, and the defaults themselves (`-d`). */
export type Outputs = {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly defaults: readonly string[];
};

/**
 * What Dovecot itself reads otherwise than these edits ask: one that is not in force, and a setting that none of them names and
 * that is another one all the same. Each value counts, by whatever file it comes.
 */
export const effectiveProblems = (
  edits: readonly DovecotEdit[],
  {before, after, defaults}: Outputs,
): readonly string[] => {
  const [was, is, usual] = [before, after, defaults].map(shownIn);
  if (was === undefined || is === undefined || usual === undefined) {
    return [];
  }

  const asked = askedBy(edits);
  const valueAt = (shown: Shown, path: string) =>
    shown.get(path) ?? usual.get(path) ?? ofNewBlock[path.slice(path.lastIndexOf('/') + 1)];
  const same = (path: string) => valueAt(was, path) === valueAt(is, path);
  return [
    ...[...asked.sets].flatMap(([path, value]) => {
      const there = value === undefined ? is.get(path) : valueAt(is, path);
      return there === value || (value !== undefined && there === hidden)
        ? []
        : [value === undefined ? `${path} is still ${there}` : `${path} is ${there} and not ${value}`];
    }),
    ...[...asked.items].flatMap(([path, items]) => {
      const there = (valueAt(is, path) ?? '').split(/\s+/);
      return [...items].flatMap(([item, state]) =>
        there.includes(item) === (state === 'present')
          ? []
          : [`${path} ${state === 'present' ? 'lacks' : 'still has'} ${item}`],
      );
    }),
    ...[...new Set([...was.keys(), ...is.keys()])]
      .filter(path => !same(path) && !asked.sets.has(path) && !asked.items.has(path))
      .filter(path => !asked.gone.some(block => path.startsWith(`${block}/`) && !is.has(path)))
      // A file that is taken in or left out brings its databases, whose settings are asked for one by one.
      .filter(path => !(asked.includes && /^(?:pass|user)db /.test(path) && isBrought(path, is)))
      .map(path => `${path} is ${is.get(path)} and was ${was.get(path)}, which nobody asked for`),
  ];
};

/** What doveconf(1) shows of a secret instead. */
const hidden = '# hidden, use -P to show it';

// What a listener or a folder that is not there yet has where nothing is said of it, and the protocols of 2.4: no list of defaults has
// those.
const ofNewBlock: Readonly<Record<string, string>> = {
  mode: '0600',
  auto: 'no',
  ssl: 'no',
  port: '0',
  user: '',
  group: '',
  protocols_imap: 'yes',
  protocols_pop3: 'yes',
  protocols_lmtp: 'yes',
};

const isBrought = (path: string, is: Shown) => !is.has(path) || path.endsWith('/driver');

const askedBy = (edits: readonly DovecotEdit[]) => {
  const sets = new Map<string, string | undefined>();
  const items = new Map<string, Map<string, 'present' | 'absent'>>();
  const gone: string[] = [];
  let includes = false;
  for (const edit of edits) {
    if (edit.op === 'set') {
      sets.set(placeOf(edit.at, edit.key), valueIn(edit.value));
    } else if (edit.op === 'unset') {
      sets.set(placeOf(edit.at, edit.key), undefined);
    } else if (edit.op === 'item') {
      const path = placeOf(edit.at, edit.key);
      items.set(path, new Map([...(items.get(path) ?? []), [edit.value, edit.state]]));
    } else if (edit.op === 'block' && edit.state === 'absent') {
      gone.push(placeOf(edit.at));
    } else if (edit.op === 'include') {
      includes = true;
    }
  }

  return {sets, items, gone, includes};
};

type Segment = {readonly type: string; readonly name: string};

const placeOf = (at: readonly Block[], key = '') =>
  pathOf(
    at.map(({type, name, where}) => ({type, name: name ?? where?.value ?? ''})),
    key,
  );

// 2.4 writes one setting in two ways: `ssl_server_cert_file`, and `cert_file` in a block of the name ssl_server.
const pathOf = (at: readonly Segment[], key: string) => {
  const parts: string[] = [];
  let prefix = '';
  for (const {type, name} of at) {
    if (name === '') {
      prefix += `${type}_`;
    } else {
      parts.push(`${prefix}${type} ${name}`);
      prefix = '';
    }
  }

  return [...parts, `${prefix}${key}`].filter(part => part !== '').join('/');
};

const valueIn = (text: string) => unquote(text.trim()).replaceAll(/\s+/g, ' ').trim();

/** All of it but for empty blocks. Databases of 2.3 have no names: they are called by their drivers. */
const shownIn = (lines: readonly string[]): Shown => {
  const shown = new Map<string, string>();
  const walk = (start: number, at: readonly Segment[]): number => {
    let line = start;
    for (; line < lines.length && lines[line]?.trim() !== '}'; line += 1) {
      const text = (lines[line] ?? '').trim();
      const [, type, name = ''] = /^(\S+)(?: (.+))? \{$/.exec(text) ?? [];
      if (type !== undefined) {
        const called = unquote(name) || (/^(?:pass|user)db$/.test(type) ? driverIn(lines, line + 1) : '');
        line = walk(line + 1, [...at, {type, name: called}]);
      } else if (text.includes('=') && !text.startsWith('#')) {
        const key = text.slice(0, text.indexOf('=')).trim();
        shown.set(pathOf(at, key), valueIn(text.slice(text.indexOf('=') + 1)));
      }
    }

    return line;
  };
  walk(0, []);
  return shown;
};

const driverIn = (lines: readonly string[], start: number) => {
  const end = lines.findIndex((line, at) => at >= start && line.trim() === '}');
  return (
    lines
      .slice(start, end)
      .map(line => /^\s*driver = (\S+)$/.exec(line)?.[1])
      .find(Boolean) ?? '?'
  );
};
