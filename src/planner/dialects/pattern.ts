import type {DovecotDialect} from '../../core/edit.js';

/** Variables of path patterns, by meaning. 2.4 takes `%n` literally, so that all users would share one folder of that name. */
const names: Readonly<Record<DovecotDialect, Readonly<Record<string, string>>>> = {
  '2.3': {user: '%u', name: '%n', domain: '%d', home: '%h'},
  '2.4': {user: '%{user}', name: '%{user | username}', domain: '%{user | domain}', home: '%{home}'},
};

/** Writes `{user}`, `{name}`, `{domain}` and `{home}` as the dialect spells them. */
export const renderPattern = (pattern: string, dialect: DovecotDialect) =>
  pattern.replaceAll(/\{(user|name|domain|home)\}/g, (_whole, name: string) => names[dialect][name] ?? '');

/** Reads a dialect's variables back; undefined where a variable has no neutral meaning. */
export const readPattern = (value: string, dialect: DovecotDialect): string | undefined => {
  let pattern = value;
  for (const [name, written] of Object.entries(names[dialect])) {
    pattern = pattern.replaceAll(written, `{${name}}`);
  }

  return pattern.includes('%') ? undefined : pattern;
};
