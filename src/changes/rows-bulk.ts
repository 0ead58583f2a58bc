import type {ChangeOf} from '../core/change.js';
import type {Blobs} from '../system/types.js';

type RowsChange = ChangeOf<'rows.edit'>;

/** A row of a change; `bulk`: it came from a blob, and counts as the same however it is spaced. */
export type Row = RowsChange['rows'][number] & {readonly bulk?: true};

/** A change with all of its rows. */
export type WholeChange = Omit<RowsChange, 'rows'> & {readonly rows: readonly Row[]};

/** The key as a format compares it: lookup tables ignore upper and lower case. */
export const keyOf = ({format}: Pick<RowsChange, 'format'>, key: string) =>
  format === 'table' || format === 'aliases' ? key.toLowerCase() : key;

/** The change with the rows of its blobs among its own. Of a key that is there twice, the last one counts. */
export const withBulk = (change: RowsChange, blobs: Pick<Blobs, 'get'>): WholeChange =>
  change.bulk === undefined
    ? change
    : {
        ...change,
        rows: [
          ...change.rows,
          ...change.bulk.flatMap(({section, digest}) => bulkRows(section, blobs.get(digest))),
        ],
      };

/** Rows as a blob: `+row` and `-key`, a line each. */
export const bulkText = (rows: readonly {readonly key: string; readonly old: string | undefined}[]) =>
  Buffer.from(rows.map(({key, old}) => `${old === undefined ? `-${key}` : `+${old}`}\n`).join(''), 'latin1');

const bulkRows = (section: string, bytes: Buffer): readonly Row[] => {
  const text = bytes.toString('latin1');
  const rows: Row[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at + 1, end);
    rows.push(
      text[at] === '-'
        ? {section, key: line, state: 'absent', bulk: true}
        : {
            section,
            key: line.split(/\s/, 1)[0] ?? '',
            state: 'present',
            content: [{text: line}],
            bulk: true,
          },
    );
    at = end + 1;
  }

  return rows;
};
