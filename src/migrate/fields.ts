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
    const size = /^\*:storage=(\d+)([BKMGT]?)$/i.exec(value);
    const unit = size?.[2] === '' ? 'k' : size?.[2];
    return size === null
      ? undefined
      : [['quota_storage_size', Number(size[1]) === 0 ? 'unlimited' : `${size[1]}${unit}`]];
  }

  const written = name === '' ? undefined : renewVariables(value);
  return written === undefined || /^(?:quota|plugin|acl|sieve)/.test(name) ? undefined : [[name, written]];
};
