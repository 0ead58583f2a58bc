import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import {type Alternative, alternativeOf, setAlternative} from '../system/alternatives.js';
import type {ChangeHandler} from './types.js';

/** The program that a common name stands for (alternatives(8)); undone unless somebody else chose since. */
export const alternativeSet: ChangeHandler<
  ChangeOf<'alternative.set'>,
  Alternative | null,
  Alternative | null,
  null
> = {
  observe: async ({files}, {name}) => alternativeOf(files, name) ?? null,
  preview: ({name, path, mode = 'manual'}, seen, {certainty}) => ({
    action: isThere(seen, path, mode) ? 'none' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(mode === 'auto' ? texts.auto : texts.title, {name, path, before: seen?.path ?? '—'}),
    body: [],
  }),
  capture: async ({files}, {name}) => alternativeOf(files, name) ?? null,
  apply: async (system, {name, path, mode = 'manual'}, before) => {
    if (!isThere(before, path, mode)) {
      await setAlternative(system, name, {path, mode});
    }

    return null;
  },
  verify: async ({files}, {name, path}) =>
    alternativeOf(files, name)?.path === path
      ? []
      : [
          {
            id: `verify:alternative:${name}`,
            severity: 'fail',
            summary: fill(texts.wrong, {name, path}),
            remedy: fill(texts.remedy, {name}),
          },
        ],
  revert: async (system, {name, path}, before) => {
    const now = alternativeOf(system.files, name);
    if (before === null || now === undefined || isThere(now, before.path, before.mode)) {
      return {kind: 'nothing-to-do'};
    }

    if (now.path !== path) {
      return {
        kind: 'conflict',
        path: `/etc/alternatives/${name}`,
        finding: {
          id: `kept:alternative:${name}`,
          severity: 'warning',
          summary: fill(texts.kept, {name, path: now.path}),
          remedy: fill(texts.remedy, {name}),
        },
      };
    }

    await setAlternative(system, name, before);
    return {kind: 'reverted'};
  },
  inverse: ({name, path, mode = 'manual'}, before, _after, {section, alone, id}) =>
    !alone || before === null || isThere(before, path, mode)
      ? []
      : [{id: id(`alternative.set ${name}`), sections: [section], kind: 'alternative.set', name, ...before}],
};

const isThere = (seen: Alternative | null, path: string, mode: Alternative['mode']) =>
  seen !== null && seen.path === path && (mode === 'manual' || seen.mode === 'auto');

const texts = {
  title: {
    en: '“{name}” stands for {path} in place of {before}',
    ja: '「{name}」を {before} から {path} へ切り替え',
  },
  auto: {
    en: '“{name}” follows the priorities again: {path}',
    ja: '「{name}」を優先度による選択に戻す: {path}',
  },
  wrong: {en: '“{name}” does not stand for {path}.', ja: '「{name}」が {path} を指していません。'},
  kept: {
    en: '“{name}” stands for {path} by now: somebody else chose it, and it is kept.',
    ja: '「{name}」は他者により {path} に変更されているため、そのままにします。',
  },
  remedy: {
    en: 'Look at “alternatives --display {name}”.',
    ja: '「alternatives --display {name}」を確認してください。',
  },
} satisfies Record<string, Text>;
