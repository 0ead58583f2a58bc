import {unquote} from '../config/dovecot/parse.js';
import {fieldsIn} from './fields.js';
import {ldapFile} from './ldap.js';
import type {Namer} from './namer.js';
import {isKnown} from './names.js';
import {quoted} from './quote.js';
import {sqlFile} from './sql.js';
import {notes} from './texts.js';
import {
  byHand,
  changed,
  type Entry,
  type Item,
  lost,
  type Ruling,
  type Setting,
  settingsIn,
} from './types.js';
import {renewVariables} from './variables.js';

type Context = {
  readonly items: readonly Item[];
  readonly nameOf: Namer;
  /** Undefined where the file is not there or cannot be read. */
  readonly read: (path: string) => string | undefined;
};

/** A setting of `passdb` or `userdb`. Back ends that have a file of their own bring that file's settings along. */
export const database = (item: Item, context: Context): readonly Entry[] => {
  const [block] = item.path;
  const beside = context.items.filter(({path}) => path.length === 1 && path[0]?.id === block?.id);
  const driver = unquote(beside.findLast(({key}) => key === 'driver')?.value ?? '');
  const type = block?.type === 'userdb' ? 'userdb' : 'passdb';
  if (block === undefined || item.path.length !== 1 || !drivers[type].includes(driver)) {
    return [{was: item, ...lost(notes.driver)}];
  }

  const wish = unquote(beside.find(({key}) => key === 'name')?.value ?? driver).replaceAll(/[^\w.-]/g, '-');
  const path = [{type, name: context.nameOf(block, wish)}];
  if (item.key === 'args' && (driver === 'ldap' || driver === 'sql')) {
    const file = unquote(item.value);
    const text = context.read(file);
    return text === undefined
      ? [{was: item, ...byHand(notes.notRead)}]
      : [
          {was: item, ...changed([])},
          ...(driver === 'ldap' ? ldapFile : sqlFile)({file, text, path, beside}),
        ];
  }

  return [{was: item, ...one(item, {type, driver, path})}];
};

type Place = {
  readonly type: 'passdb' | 'userdb';
  readonly driver: string;
  readonly path: Setting['path'];
};

const one = (item: Item, {type, driver, path}: Place): Ruling => {
  const value = unquote(item.value);
  const put = (key: string, text: string) => changed([{path, key, value: text}]);
  switch (item.key) {
    case 'driver':
      return path[0]?.name === driver ? changed([{path, key: '', value: ''}]) : put('driver', driver);
    case 'name':
      return changed([]);
    case 'args':
      return args(value, {type, driver, path});
    case 'default_fields':
    case 'override_fields': {
      const {now, sure} = fieldsIn(path, value, {asDefault: item.key === 'default_fields'});
      return sure ? changed(now) : {...byHand(notes.fields), now};
    }

    case 'pass':
      return value === 'yes' ? put('result_success', 'continue') : changed([]);
    case 'mechanisms':
      return put('mechanisms_filter', value);
    default:
      return isKnown(item.key, type) ? put(item.key, item.value) : byHand(notes.unknown);
  }
};

const drivers: Readonly<Record<Place['type'], readonly string[]>> = {
  passdb: ['pam', 'passwd', 'passwd-file', 'static', 'ldap', 'sql', 'lua', 'imap'],
  userdb: ['passwd', 'passwd-file', 'static', 'ldap', 'sql', 'lua', 'prefetch'],
};

const args = (value: string, place: Place): Ruling => {
  const {type, driver, path} = place;
  const words = value.split(/\s+/).filter(Boolean);
  const pairs = words.map(word => /^(\w+)=(.*)$/.exec(word)?.slice(1) ?? ['', word]);
  if (driver === 'static') {
    return fixed(value, place);
  }

  const now: (readonly [string, string])[] = [];
  let sure = true;
  for (const [name = '', given = ''] of pairs) {
    const rule = options[driver]?.[name];
    const written = renewVariables(given);
    if (written === undefined || rule === undefined) {
      sure = false;
    } else {
      now.push(...rule(written, type));
    }
  }

  // 2.3 takes passwords without a scheme for crypt(3)’s there, 2.4 for clear text.
  const assumed =
    driver === 'passwd-file' && type === 'passdb' && !now.some(([key]) => key === 'default_password_scheme');
  const all = assumed ? [...now, ['default_password_scheme', 'CRYPT'] as const] : now;
  return sure
    ? changed(settingsIn(path, all), assumed ? notes.default : undefined)
    : {...byHand(notes.understood), now: settingsIn(path, all)};
};

type Option = (value: string, type: Place['type']) => readonly (readonly [string, string])[];
const nothing: Option = () => [];
const named =
  (key: string): Option =>
  value => [[key, value]];

// 2.3: the pages of each back end. `''` is the word without a name.
const options: Readonly<Record<string, Readonly<Record<string, Option>>>> = {
  pam: {
    '': value =>
      /^-/.test(value) ? [] : [['pam_service_name', value === '*' ? '%{protocol}' : quoted(value)]],
    session: named('pam_session'),
    setcred: named('pam_setcred'),
    failure_show_msg: named('pam_failure_show_msg'),
    max_requests: named('pam_max_requests'),
    blocking: nothing,
  },
  'passwd-file': {
    '': named('passwd_file_path'),
    scheme: (value, type) => (type === 'passdb' ? [['default_password_scheme', value]] : []),
    username_format: named('auth_username_format'),
  },
  passwd: {blocking: nothing},
  prefetch: {},
};

// 2.3: Static Password Database, Static User Database.
const fixed = (value: string, {type, path}: Place): Ruling => {
  const rest: string[] = [];
  const now: Setting[] = [];
  for (const word of value.split(/\s+/).filter(Boolean)) {
    const [, name, given = ''] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (type === 'userdb' && name === 'allow_all_users') {
      now.push({path, key: 'static_allow_all_users', value: given});
    } else if (type === 'passdb' && name === 'password' && !given.includes('%')) {
      now.push({path, key: 'static_password', value: quoted(given)});
    } else {
      rest.push(word);
    }
  }

  const {now: fields, sure} = fieldsIn(path, rest.join(' '), {asDefault: false});
  return sure ? changed([...now, ...fields]) : {...byHand(notes.fields), now: [...now, ...fields]};
};
