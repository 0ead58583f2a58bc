import type {Facts} from '../core/facts.js';
import type {Want} from '../core/want.js';
import type {OwnedWant} from './wants.js';

/**
 * Leaves only what changed answers ask for on a machine that somebody has configured: a want that the adopted answers
 * alone already had is either fulfilled or something the machine does its own way, and is not ours to change.
 * `explicit`: sections whose answers were written down for this run; they plan in full.
 */
export const withoutAdopted = (
  wants: readonly OwnedWant[],
  adopted: readonly OwnedWant[],
  facts: Facts,
  explicit: ReadonlySet<string> = new Set(),
): readonly OwnedWant[] => {
  // Rows are compared one by one.
  const known = new Set(adopted.filter(({want}) => want.kind !== 'rows').map(keyOf));
  const rows = adoptedRows(adopted);
  return wants.flatMap(owned => {
    if (explicit.has(owned.section) || isMade(owned.want) || !isAdoptable(owned.want, facts)) {
      return [owned];
    }

    const {want} = owned;
    if (want.kind === 'rows') {
      const left = want.rows.filter(row => !rows.has(`${want.file}\n${JSON.stringify(row)}`));
      return left.length === 0 && want.bulk === undefined ? [] : [{...owned, want: {...want, rows: left}}];
    }

    return known.has(keyOf(owned)) ? [] : [owned];
  });
};

// A key or certificate is made only where the one that is there does not do (any more): that is nobody's own way.
const isMade = (want: Want) =>
  want.kind === 'file' && want.state === 'present' && want.content.some(part => 'material' in part);

const keyOf = ({want}: OwnedWant) => JSON.stringify(want);

const adoptedRows = (adopted: readonly OwnedWant[]) =>
  new Set(
    adopted.flatMap(({want}) =>
      want.kind === 'rows' ? want.rows.map(row => `${want.file}\n${JSON.stringify(row)}`) : [],
    ),
  );

/** Whether what a want is about is on a side of the machine that somebody has configured. */
export const isAdoptable = (want: Want, {configured}: Facts) => {
  switch (sideOf(want)) {
    case 'dovecot':
      return configured.dovecot;
    case 'postfix':
      return configured.postfix;
    case 'both':
      return configured.dovecot && configured.postfix;
  }
};

const sideOf = (want: Want): 'dovecot' | 'postfix' | 'both' => {
  if ('in' in want) {
    return want.in === 'dovecot' ? 'dovecot' : 'postfix';
  }

  if (want.kind === 'master' || (want.kind === 'rows' && want.file.startsWith('/etc/postfix/'))) {
    return 'postfix';
  }

  return want.kind === 'rows' && want.file.startsWith('/etc/dovecot/') ? 'dovecot' : 'both';
};
