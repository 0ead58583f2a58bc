import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import {type BooleanRule, booleanRule, setBoolean} from '../system/selinux-boolean.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'selinux.boolean'>;

/**
 * A switch of SELinux's policy, for good and at once (semanage-boolean(8)). Undone, it is again as the policy or this machine
 * had it, and what others set stays.
 */
export const selinuxBoolean: ChangeHandler<Change, BooleanRule, BooleanRule, null> = {
  observe: async (host, {name}) => booleanRule(host, name),
  preview: (change, rule, {certainty}) => ({
    action: isAsAsked(change, rule) ? 'none' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(change.value ? texts.on : texts.off, {name: rule.name}),
    body: [],
  }),
  capture: async (system, {name}) => booleanRule(system, name),
  apply: async (system, change, before, {say}) => {
    if (!isAsAsked(change, before)) {
      await setBoolean(system, wished(change, before), before, say);
    }

    return null;
  },
  verify: async (host, change) => {
    const rule = await booleanRule(host, change.name);
    return isAsAsked(change, rule)
      ? []
      : [
          {
            id: `verify:${change.id}`,
            severity: 'fail',
            summary: fill(texts.wrong, {name: rule.name}),
            remedy: texts.wrongRemedy,
          },
        ];
  },
  revert: async (system, change, before, _after, {say}) => {
    const now = await booleanRule(system, change.name);
    const isBack = now.local === before.local && now.live === before.live;
    if (isAsAsked(change, before) || isBack) {
      return {kind: 'nothing-to-do'};
    }

    const ours = wished(change, before);
    if (now.local !== ours.local && now.local !== before.local) {
      return {
        kind: 'conflict',
        finding: {
          id: `kept:${change.id}`,
          severity: 'warning',
          summary: fill(texts.kept, {name: now.name}),
          remedy: texts.keptRemedy,
        },
      };
    }

    await setBoolean(system, before, now, say);
    return {kind: 'reverted'};
  },
  inverse: (change, before, _after, {section, alone, id}) =>
    !alone || isAsAsked(change, before)
      ? []
      : [
          {
            ...change,
            id: id(change.id),
            sections: [section],
            name: before.name,
            value: before.value,
            lasting: before.local !== null,
          },
        ],
};

const isAsAsked = ({value, lasting}: Change, rule: BooleanRule) =>
  rule.value === value && (rule.live ?? value) === value && (lasting || rule.local === null);

const wished = ({value, lasting}: Change, before: BooleanRule) => ({
  name: before.name,
  local: lasting ? value : null,
  live: before.live === null ? null : value,
});

const texts = {
  on: {en: 'SELinux: boolean {name} is switched on', ja: 'SELinux: ブール値 {name} をオン'},
  off: {en: 'SELinux: boolean {name} is switched off', ja: 'SELinux: ブール値 {name} をオフ'},
  wrong: {
    en: 'SELinux’s boolean {name} is not as asked.',
    ja: 'SELinux のブール値 {name} が指定どおりではありません。',
  },
  wrongRemedy: {
    en: 'See whether somebody else sets it: “semanage boolean --list”.',
    ja: '他者が設定していないか「semanage boolean --list」で確認してください。',
  },
  kept: {
    en: 'SELinux’s boolean {name} was set by somebody else since, and is kept.',
    ja: 'SELinux のブール値 {name} は他者により変更されているため、そのままにします。',
  },
  keptRemedy: {
    en: 'Change it by hand with “semanage boolean”, if it is not meant.',
    ja: '意図したものでなければ「semanage boolean」で変更してください。',
  },
} satisfies Record<string, Text>;
