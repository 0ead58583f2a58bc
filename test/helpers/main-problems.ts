import {itemsOfSetting} from '../../src/config/list.js';
import type {Want} from '../../src/core/want.js';
import {mainSettings} from './sections.js';

/** Settings of a main.cf by name, as postconf(1) has them; undefined: it does not say them. */
type Main = Readonly<Record<string, string | undefined>>;
type ItemWant = Extract<Want, {kind: 'item'; in: 'main.cf'}>;

/** What a main.cf does not say as these wants ask, or says though none asks for it. */
export const mainProblems = (wants: readonly Want[], before: Main, after: Main): readonly string[] => {
  const asked = mainSettings(wants);
  const items = wants.filter(want => want.kind === 'item' && want.in === 'main.cf');
  const names = new Set([
    ...[before, after, asked].flatMap(settings => Object.keys(settings)),
    ...items.map(({at}) => at),
  ]);
  // Where it reads from is the tree's own place.
  names.delete('config_directory');
  return [...names].flatMap(name => {
    const isAsked = Object.hasOwn(asked, name);
    const list = isAsked ? [] : items.filter(({at}) => at === name);
    if (list.length > 0) {
      return listProblems(name, list, before[name], after[name]);
    }

    const expected = isAsked ? asked[name] : before[name];
    return spaces(after[name]) === spaces(expected) ? [] : [`${name}: ${after[name]} and not ${expected}`];
  });
};

// postconf(1) shows one blank where a file has several.
const spaces = (text: string | undefined) => text?.replace(/\s+/g, ' ').trim();

/*
 * What of a list of main.cf is not as these wants ask: it has what it had, in its order, without what was to go and with what was to
 * come, each once and after (or else before) the items that it was to be put beside. Undefined: main.cf does not say it.
 */
const listProblems = (
  name: string,
  wants: readonly ItemWant[],
  before: string | undefined,
  after: string | undefined,
): readonly string[] => {
  const base = wants.find(({base}) => base !== undefined)?.base ?? [];
  const read = (value: string | undefined) => (value === undefined ? base : itemsOfSetting(name, value));
  const [was, is] = [read(before), read(after)];
  // The last word on an item counts.
  const wanted = new Map(wants.map(want => [want.value, want]));
  const added = [...wanted.values()].filter(({value, state}) => state === 'present' && !was.includes(value));
  const kept = was.filter(item => wanted.get(item)?.state !== 'absent');
  const isNew = new Set(added.map(({value}) => value));
  const expected = [...kept, ...isNew];
  return [
    ...(is.toSorted().join('\n') === expected.toSorted().join('\n') &&
    is.filter(item => !isNew.has(item)).join('\n') === kept.join('\n')
      ? []
      : [`${name}: ${is.join(' | ')} and not ${expected.join(' | ')}`]),
    ...added
      .filter(want => isMisplaced(want, is))
      .map(({value}) => `${name}: ${value} is not in its place in ${is.join(' | ')}`),
  ];
};

const isMisplaced = ({value, before = [], after = []}: ItemWant, items: readonly string[]) => {
  const at = items.indexOf(value);
  const last = items.findLastIndex(item => after.includes(item));
  const next = items.findIndex(item => item !== value && before.includes(item));
  return last >= 0 ? at < last : next >= 0 && at > next;
};
