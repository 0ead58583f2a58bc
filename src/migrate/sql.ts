import {unquote} from '../config/dovecot/parse.js';
import {type BackendFile, entriesOf, fileItems} from './file-lines.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Entry, type Item, type Ruling, type Setting, settingsIn} from './types.js';
import {renewVariables} from './variables.js';

/**
 * `dovecot-sql.conf.ext` (2.3: SQL). Everything goes into the block that named it, so that two back ends may ask
 * different databases.
 */
export const sqlFile = (backend: BackendFile): readonly Entry[] => {
  const items = fileItems(backend);
  const {path} = backend;
  const driver = unquote(items.find(({key}) => key === 'driver')?.value ?? '');
  const isPassdb = path[0]?.type === 'passdb';
  const entries = entriesOf(items, item => rule(item, {driver, path, isPassdb}));
  const first = items[0];
  return isPassdb && first !== undefined && !items.some(({key}) => key === 'default_pass_scheme')
    ? [
        ...entries,
        {
          was: {...first, key: 'default_pass_scheme', value: ''},
          ...changed([{path, key: 'default_password_scheme', value: 'MD5'}], notes.default),
        },
      ]
    : entries;
};

type Place = {readonly driver: string; readonly path: Setting['path']; readonly isPassdb: boolean};

const rule = (item: Item, {driver, path, isPassdb}: Place): Ruling => {
  const value = unquote(item.value);
  const query = (mine: boolean, key: string): Ruling => {
    const text = renewVariables(value.replace(/;\s*$/, ''));
    return !mine
      ? changed([])
      : text === undefined
        ? byHand(notes.variables)
        : changed(
            [{path, key, value: quoted(text)}],
            /\b(?:mail|quota_rule)\b/i.test(columnsOf(text)) ? notes.mailField : undefined,
          );
  };

  switch (item.key) {
    case 'driver':
      return ['mysql', 'pgsql', 'sqlite'].includes(value)
        ? changed([{path, key: 'sql_driver', value}])
        : byHand(notes.driver);
    case 'connect':
      return connect(value, driver, path);
    case 'default_pass_scheme':
      return changed(isPassdb ? [{path, key: 'default_password_scheme', value}] : []);
    case 'password_query':
      return query(isPassdb, 'query');
    case 'user_query':
      return query(!isPassdb, 'query');
    case 'iterate_query':
      return iterate(value, query(!isPassdb, 'iterate_query'));
    default:
      return byHand(notes.unknown);
  }
};

// 2.3 took one lone column for the name of the user; 2.4 wants it to be called so (seen with 2.4.1).
const iterate = (value: string, ruling: Ruling): Ruling =>
  /^\s*SELECT\s+(?!user\s)\w+\s+FROM\s/i.test(value) ? renamedColumn(ruling) : ruling;

const renamedColumn = (ruling: Ruling): Ruling => ({
  ...ruling,
  now: ruling.now.map(setting => ({
    ...setting,
    value: setting.value.replace(/^("?\s*SELECT\s+\w+)(\s+FROM\s)/i, '$1 AS user$2'),
  })),
});

const columnsOf = (text: string) => /SELECT(.*?)\bFROM\b/is.exec(text)?.[1] ?? '';

const names: Readonly<Record<string, string>> = {
  dbname: 'dbname',
  user: 'user',
  password: 'password',
  port: 'port',
  client_flags: 'client_flags',
  option_file: 'option_file',
  option_group: 'option_group',
  ssl_ca: 'ssl_client_ca_file',
};

const connect = (value: string, driver: string, path: Setting['path']): Ruling => {
  if (driver === 'sqlite') {
    return changed([{path, key: 'sqlite_path', value}]);
  }

  const pairs = [...value.matchAll(/(\w+)=(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)].map(
    ([, name = '', inQuotes, bare]) => [name, inQuotes ?? bare ?? ''] as const,
  );
  const hosts = pairs.filter(([name]) => name === 'host').map(([, host]) => host);
  const rest = pairs.filter(([name]) => name !== 'host' && name !== 'maxconns');
  const sure = rest.every(([name]) => driver === 'pgsql' || names[name] !== undefined);
  if (!sure || hosts.length === 0) {
    return byHand(notes.understood);
  }

  // libpq takes its own names (PostgreSQL, Connection Strings), MySQL’s are settings.
  return changed(
    hosts.flatMap(host => {
      const block = [...path, {type: driver, name: host}];
      return driver === 'pgsql'
        ? settingsIn(
            [...block, {type: 'parameters'}],
            rest.map(([name, text]) => [name, quoted(text)]),
          )
        : settingsIn(
            block,
            rest.map(([name, text]) => [names[name] ?? name, quoted(text)]),
          );
    }),
  );
};
