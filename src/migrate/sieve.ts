import {unquote} from '../config/dovecot/parse.js';
import {isKnown} from './names.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, type Ruling, settingsIn} from './types.js';
import {renewVariables} from './variables.js';

/** Pigeonhole's settings: scripts become blocks, lists too, and the rest stands outside of `plugin`. */
export const sieveSetting = (item: Item, items: readonly Item[]): Ruling => {
  const {path, key, value} = item;
  const script = (name: string, pairs: readonly (readonly [string, string])[]) =>
    changed(settingsIn([...path, {type: 'sieve_script', name}], pairs));
  const numbered = /^sieve_(before|after)(\d*)$/.exec(key);
  const location = locationOf(value);
  if (key === 'sieve' || numbered !== null || /^sieve_(?:default|global|global_dir|discard)$/.test(key)) {
    if (location === undefined) {
      return byHand(notes.sieve);
    }
  }

  if (numbered !== null && location !== undefined) {
    const [, when = '', number = ''] = numbered;
    return script(`${when}${number}`, [
      ['type', when],
      ['driver', 'file'],
      ['path', quoted(location.path)],
    ]);
  }

  if (key === 'sieve' && location !== undefined) {
    return personal(location, items, script);
  }

  if (key === 'sieve_dir') {
    // It says where a script without a folder of its own keeps the others: told with that script.
    return items.some(other => other.key === 'sieve') ? changed([]) : byHand(notes.sieve);
  }

  const kind = {
    sieve_default: 'default',
    sieve_global: 'global',
    sieve_global_dir: 'global',
    sieve_discard: 'discard',
  }[key];
  if (kind !== undefined && location !== undefined) {
    return script(kind, [
      ['type', kind],
      ['driver', 'file'],
      ['path', quoted(location.path)],
    ]);
  }

  if (key === 'sieve_default_name') {
    return script('default', [['name', quoted(value)]]);
  }

  return /^sieve_(?:global_)?extensions$|^sieve_(?:implicit_extensions|plugins)$/.test(key)
    ? list(item)
    : other(item);
};

type Location = {readonly path: string; readonly active?: string};

// `file:~/sieve;active=~/.dovecot.sieve` (2.3: Pigeonhole, Script Locations).
const locationOf = (value: string): Location | undefined => {
  const [where = '', ...options] = value.replace(/^file:/, '').split(';');
  const path = renewVariables(where);
  const active = options.find(option => option.startsWith('active='));
  const link = active === undefined ? undefined : renewVariables(active.slice('active='.length));
  return path === undefined ||
    path === '' ||
    /^(?:dict|ldap):/.test(value) ||
    options.length > (link === undefined ? 0 : 1)
    ? undefined
    : {path, ...(link === undefined ? {} : {active: link})};
};

const personal = (
  {path, active}: Location,
  items: readonly Item[],
  script: (name: string, pairs: readonly (readonly [string, string])[]) => Ruling,
): Ruling => {
  const given = items.findLast(({key}) => key === 'sieve');
  const folder = renewVariables(unquote(items.findLast(({key}) => key === 'sieve_dir')?.value ?? '~/sieve'));
  const alone = !/^["']?file:/.test(given?.value ?? '');
  return folder === undefined
    ? byHand(notes.variables)
    : script('personal', [
        ['driver', 'file'],
        ['path', quoted(alone ? folder : path)],
        ['active_path', quoted(active ?? (alone ? path : '~/.dovecot.sieve'))],
      ]);
};

// `+editheader -vacation` changes the default list, a list of plain words replaces it.
const list = ({path, key, value}: Item): Ruling => {
  const words = value.split(/\s+/).filter(Boolean);
  const signed = words.filter(word => /^[+-]/.test(word));
  return signed.length === 0
    ? changed([{path, key, value: words.join(' ')}])
    : signed.length === words.length
      ? changed(
          settingsIn(
            [...path, {type: key}],
            words.map(word => [word.slice(1), word.startsWith('+') ? 'yes' : 'no']),
          ),
        )
      : byHand(notes.understood);
};

const renamed: Readonly<Record<string, string>> = {
  sieve_quota_max_storage: 'sieve_quota_storage_size',
  sieve_quota_max_scripts: 'sieve_quota_script_count',
  sieve_user_log: 'sieve_user_log_path',
};

const other = ({path, key, value}: Item): Ruling => {
  if (key === 'sieve_vacation_dont_check_recipient') {
    return changed([{path, key: 'sieve_vacation_check_recipient', value: value === 'yes' ? 'no' : 'yes'}]);
  }

  const name = renamed[key] ?? key;
  const written = renewVariables(value);
  return !isKnown(name)
    ? byHand(/^imapsieve_mailbox|^sieve_(?:spam|virus)test/.test(key) ? notes.sieve : notes.unknown)
    : written === undefined
      ? byHand(notes.variables)
      : changed([{path, key: name, value: quoted(written)}]);
};
