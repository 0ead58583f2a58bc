import type {Block, DovecotDialect, DovecotEdit} from '../../core/edit.js';
import type {SieveScript} from '../../core/setting.js';

const home = '90-sieve.conf';
const plugin: readonly Block[] = [{type: 'plugin'}];

/** A Sieve script: 2.3 has numbered settings of a plug-in (Pigeonhole, Configuration), 2.4 a block for each script. */
export const sieveScript = (
  value: SieveScript,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  if (dialect === '2.3') {
    const key = keyOf(value);
    return state === 'absent'
      ? [{op: 'unset', at: plugin, key}]
      : [{op: 'set', at: plugin, key, value: locationOf(value), home}];
  }

  const at: readonly Block[] = [{type: 'sieve_script', name: value.name}];
  return state === 'absent'
    ? [{op: 'block', at, state, home}]
    : pairsOf(value).map(([key, text]) => ({op: 'set', at, key, value: text, home}));
};

// `sieve_before`, `sieve_before2`, …: reading stops at the first number that is missing.
const keyOf = (value: SieveScript) =>
  value.when === 'personal' ? 'sieve' : `sieve_before${value.place === 1 ? '' : value.place}`;

const locationOf = (value: SieveScript) =>
  value.when === 'personal' ? `file:${value.path};active=${value.active}` : value.path;

const pairsOf = (value: SieveScript): readonly (readonly [string, string])[] =>
  value.when === 'personal'
    ? [
        ['driver', 'file'],
        ['path', value.path],
        ['active_path', value.active],
      ]
    : [
        ['type', 'before'],
        ['driver', 'file'],
        ['path', value.path],
      ];
