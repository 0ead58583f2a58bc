import {renewLocation} from './location.js';
import {quoted} from './quote.js';
import type {Setting} from './types.js';
import {renewVariables} from './variables.js';

/** `uid=vmail gid=vmail home=/var/vmail/%d/%n` as a `fields` block; `sure` is false where a field was left out. */
export const fieldsIn = (
  path: Setting['path'],
  text: string,
  {asDefault}: {readonly asDefault: boolean},
): {readonly now: readonly Setting[]; readonly sure: boolean} => {
  const found = text
    .split(/\s+/)
    .filter(Boolean)
    .map(word => {
      const [, name = '', value = ''] = /^([\w.]+)(?:=(.*))?$/s.exec(word) ?? [];
      return fieldOf(name, value);
    });
  const at = [...path, {type: 'fields'}];
  return {
    sure: found.every(pairs => pairs !== undefined),
    now: found.flatMap(pairs =>
      (pairs ?? []).map(([name, value]) => ({
        path: at,
        key: asDefault ? `${name}:default` : name,
        value: quoted(value),
      })),
    ),
  };
};

/** One field; `mail` and `quota_rule` have other names in 2.4. Undefined where it has no certain counterpart. */
export const fieldOf = (
  name: string,
  value: string,
): readonly (readonly [name: string, value: string])[] | undefined => {
  if (name === 'mail') {
    return renewLocation(value);
  }

  if (name === 'quota_rule') {
    const size = /^\*:(?:storage|bytes)=(\d+[BKMGT]?)$/i.exec(value)?.[1];
    return size === undefined
      ? undefined
      : [['quota_storage_size', /[BKMGT]$/i.test(size) ? size : `${size}k`]];
  }

  const written = name === '' ? undefined : renewVariables(value);
  return written === undefined || /^(?:quota|plugin|acl|sieve)/.test(name) ? undefined : [[name, written]];
};
