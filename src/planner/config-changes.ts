import type {ChangeOf, Digest} from '../core/change.js';
import type {ConfigTree, Folded} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import {ownershipOf} from './fresh.js';

/** One change for each configuration file whose text the edits changed, with the sections that had a hand in it. */
export const configChanges = <E>(
  family: ChangeOf<'config.edit'>['family'],
  {files, placed}: Folded<E>,
  tree: Pick<ConfigTree, 'read'>,
  put: (text: string) => Digest,
): readonly ChangeOf<'config.edit'>[] =>
  [...files]
    .filter(([path, text]) => tree.read(path) !== text)
    .map(([path, text]) => {
      const before = tree.read(path);
      const sections = placed.filter(({file, how}) => file === path && how !== 'unchanged');
      const common = {
        id: `config.edit ${path}`,
        sections: [...new Set(sections.map(({section}) => section))],
        kind: 'config.edit',
        family,
        path,
        before: before === undefined ? null : put(before),
        after: put(text),
      } as const;
      return before === undefined
        ? {...common, keepOwnership: false, owner: 'root', group: 'root', mode: 0o644}
        : {...common, keepOwnership: true};
    });

/** The same where the edits were folded on texts (`bases`) that are not the machine's: each of these files is put in place too. */
export const freshConfigChanges = <E>(
  {files, placed}: Folded<E>,
  bases: Facts['files'],
  present: Facts['files'],
  put: (text: string) => Digest,
): readonly ChangeOf<'config.edit'>[] =>
  configChanges(
    'dovecot',
    {files: new Map([...Object.entries(bases), ...files]), placed, refused: []},
    {read: path => present[path]},
    put,
  ).map(change => ({
    ...change,
    ...(change.keepOwnership || bases[change.path] === undefined ? {} : ownershipOf(change.path)),
    sections: [...new Set(['packages', ...change.sections])],
  }));
