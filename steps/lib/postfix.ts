import {listItems} from '../../src/config/list.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {Content, MainWant, Row} from '../../src/core/want.js';

/** A setting of main.cf; the value is raw text in postconf(5) syntax. */
export const main = (at: string, value: string): MainWant => ({
  kind: 'setting',
  in: 'main.cf',
  at,
  op: 'set',
  value,
});

/** Comments a setting out, where the machine has it at all. */
export const mainUnset = (facts: Facts, at: string): readonly MainWant[] =>
  settingOf(facts, at) === undefined ? [] : [{kind: 'setting', in: 'main.cf', at, op: 'unset'}];

/** What main.cf says; undefined where it does not. */
export const settingOf = ({postfix}: Facts, key: string): string | undefined => postfix?.settings[key];

/** Items of a list that main.cf has; empty where it does not say. */
export const itemsOf = (facts: Facts, key: string) => listItems(settingOf(facts, key) ?? '');

/** Whether Postfix is this version or a later one, e.g. `3.6`; a Postfix that is not there yet is taken for a recent one. */
export const isAtLeast = ({postfix}: Facts, version: string) => {
  const have = (postfix?.version ?? '99').split('.').map(Number);
  const need = version.split('.').map(Number);
  for (const [at, part] of need.entries()) {
    const other = have[at] ?? 0;
    if (other !== part) {
      return other > part;
    }
  }

  return true;
};

/** Postfix's own directory and a file in it. */
export const postfixPath = ({postfix}: Facts, name: string) =>
  `${postfix?.directory ?? '/etc/postfix'}/${name}`;

/** The type under which a table is, or will be, looked up: as the list has it already, else the machine's default type. */
export const mapTypeOf = (facts: Facts, list: string, file: string) => {
  const there = itemsOf(facts, list).find(item => item.endsWith(`:${file}`));
  return there?.slice(0, -file.length - 1) ?? facts.postfix?.mapType ?? 'hash';
};

/** An item that a list of main.cf has; what else is there stays. */
export const mainItemWant = (at: string, value: string): MainWant => ({
  kind: 'item',
  in: 'main.cf',
  at,
  value,
  state: 'present',
});

/** The table as an item of the list; other tables there stay. */
export const mapItem = (facts: Facts, list: string, file: string): MainWant => ({
  kind: 'item',
  in: 'main.cf',
  at: list,
  value: `${mapTypeOf(facts, list, file)}:${file}`,
  state: 'present',
});

/** Value of the chroot column for services that we add: what the machine's own smtpd has (Debian `y`, RHEL `n`). */
export const chrootOf = ({postfix}: Facts, platform: Platform) =>
  postfix?.services.find(({name, type}) => name === 'smtp' && type === 'inet')?.columns.chroot ??
  platform.postfix.chroot;

/** Directory in which Postfix's private sockets are. */
export const queueDirectoryOf = ({postfix}: Facts) => postfix?.queueDirectory ?? '/var/spool/postfix';

const words = (value: string): Content => [{text: value}];

/** A row of a lookup table, `key value`. */
export const tableRow = (key: string, value: string): Row => ({
  key,
  state: 'present',
  content: words(`${key} ${value}`),
});

/** A row of aliases(5). */
export const aliasRow = (key: string, value: string, keep = false): Row => ({
  key,
  state: 'present',
  content: words(`${key}: ${value}`),
  keep,
});
