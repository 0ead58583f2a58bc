import {rowsOf} from '../../config/rows/edit.js';
import {lockRow, unlockRow} from '../../config/accounts/lock.js';
import {bulkText} from '../../changes/rows-bulk.js';
import type {Change, ChangeOf} from '../../core/change.js';
import type {Secret} from '../../core/secret.js';
import type {Blobs, ReadFiles} from '../../system/types.js';
import {type AccountList, listText, rowOf} from './list.js';

/** What is done with accounts. A password comes with its hash, as the list keeps it. */
export type AccountAct =
  | {
      readonly act: 'add' | 'passwd';
      readonly name: string;
      readonly password: Secret;
      readonly hashed: string;
    }
  | {readonly act: 'remove' | 'disable' | 'enable'; readonly name: string}
  | {
      readonly act: 'import';
      /** The file that they came from. */
      readonly name: string;
      readonly rows: readonly {readonly name: string; readonly row: string}[];
      /** One whose password is known, to be tried. */
      readonly sample?: {readonly name: string; readonly password: Secret};
    };

/**
 * The changes of an act. The tables first when somebody goes, last when somebody comes: mail is never taken for an account that is
 * not there. One that is disabled keeps its place in the tables, and with it its mail.
 */
export const accountChanges = (
  files: ReadFiles,
  list: AccountList,
  act: AccountAct,
  blobs: Pick<Blobs, 'put'>,
): readonly Change[] => {
  switch (act.act) {
    case 'add':
    case 'passwd': {
      const row = rowWith(rowOf(files, list, act.name), act.name, act.hashed);
      const account = oneRow(list, act.name, blobs.put(Buffer.from(row, 'latin1')));
      return act.act === 'passwd' ? [account] : [account, ...tableChanges(list, act.name, 'present')];
    }
    case 'disable':
    case 'enable': {
      const row = rowOf(files, list, act.name) ?? '';
      const next = act.act === 'disable' ? lockRow(row) : unlockRow(row);
      return [oneRow(list, act.name, blobs.put(Buffer.from(next, 'latin1')))];
    }
    case 'remove':
      return [...tableChanges(list, act.name, 'absent'), oneRow(list, act.name)];
    case 'import':
      return importChanges(files, list, act.rows, blobs);
  }
};

const accountFile = ({file}: AccountList) =>
  ({
    id: `rows.edit ${file}`,
    sections: ['users'],
    kind: 'rows.edit',
    path: file,
    format: 'passwd',
    rows: [],
    secret: true,
    owner: 'root',
    group: 'dovecot',
    mode: 0o640,
  }) as const satisfies ChangeOf<'rows.edit'>;

const tableFile = (path: string) =>
  ({
    id: `rows.edit ${path}`,
    sections: ['users'],
    kind: 'rows.edit',
    path,
    format: 'table',
    rows: [],
    secret: false,
    owner: 'root',
    group: 'root',
    mode: 0o644,
  }) as const satisfies ChangeOf<'rows.edit'>;

const oneRow = (list: AccountList, name: string, row?: string): Change => ({
  ...accountFile(list),
  rows: [
    row === undefined
      ? {section: 'users', key: name, state: 'absent'}
      : {section: 'users', key: name, state: 'present', content: [{blob: row}]},
  ],
});

const tableChanges = ({tables}: AccountList, name: string, state: 'present' | 'absent'): readonly Change[] =>
  tables.flatMap(({type, path}): readonly Change[] => [
    {
      ...tableFile(path),
      rows: [
        state === 'absent'
          ? {section: 'users', key: name, state}
          : {section: 'users', key: name, state, keep: true, content: [{text: `${name} ${name}`}]},
      ],
    },
    {...compiled(type, path), only: [state === 'absent' ? {key: name} : {key: name, value: name}]},
  ]);

const compiled = (type: string, path: string) =>
  ({
    id: `map.compile ${type}:${path}`,
    sections: ['users'],
    kind: 'map.compile',
    source: path,
    type,
  }) as const satisfies Change;

// As one blob for a file: a change for each of many thousand would be as many files in the journal's folder.
const importChanges = (
  files: ReadFiles,
  list: AccountList,
  rows: readonly {readonly name: string; readonly row: string}[],
  blobs: Pick<Blobs, 'put'>,
): readonly Change[] => {
  const bulk = (lines: readonly {readonly key: string; readonly old: string}[]) => [
    {section: 'users', digest: blobs.put(bulkText(lines)), count: lines.length},
  ];
  const account: Change = {
    ...accountFile(list),
    bulk: bulk(rows.map(({name, row}) => ({key: name, old: row}))),
  };
  return [
    account,
    ...list.tables.flatMap(({type, path}): readonly Change[] => {
      const there = rowsOf(listText(files, {file: path}), 'table', new Set(rows.map(({name}) => name)));
      const missing = rows.filter(({name}) => !there.has(name));
      return missing.length === 0
        ? []
        : [
            {...tableFile(path), bulk: bulk(missing.map(({name}) => ({key: name, old: `${name} ${name}`})))},
            compiled(type, path),
          ];
    }),
  ];
};

// Other fields of an account that is there stay: quota, home, and what else Dovecot reads from them.
const rowWith = (old: string | undefined, name: string, hashed: string) => {
  const [, , ...rest] = old?.split(':') ?? [];
  return [name, hashed, ...(rest.length === 0 ? ['', '', '', '', '', ''] : rest)].join(':');
};
