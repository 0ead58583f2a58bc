import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import {hasItsLabel, isLabelling, type LabelRule, labelRule, setLabelRule} from '../system/selinux.js';
import type {ChangeHandler} from './types.js';

/**
 * SELinux's label of a path and all below it: a rule of the policy, so that it outlives a relabelling (semanage-fcontext(8)).
 * A policy that has this label for the path by itself is left alone. Undone, the rule is as it was.
 */
export const selinuxLabel: ChangeHandler<ChangeOf<'selinux.label'>, LabelRule, LabelRule, null> = {
  observe: async (host, {path}) => labelRule(host, path),
  preview: ({path, type}, {local, effective}, {certainty}) => ({
    action: effective === type ? 'none' : local === null ? 'create' : 'update',
    certainty,
    reversible: 'best-effort',
    title: fill(texts.title, {path, type}),
    body: [],
    caveat: texts.caveat,
  }),
  capture: async (system, {path}) => labelRule(system, path),
  apply: async (system, {path, type}, {local, effective}, {say}) => {
    if (effective !== type) {
      await setLabelRule(system, path, type, local, say);
    }

    return null;
  },
  verify: async (host, {path, type}) => {
    const {effective} = await labelRule(host, path);
    if (effective !== type || (isLabelling(host) && !(await hasItsLabel(host, path)))) {
      const summary = fill(texts.wrong, {path, type});
      return [{id: `verify:label:${path}`, severity: 'fail', summary, remedy: texts.wrongRemedy}];
    }

    return isLabelling(host)
      ? []
      : [
          {
            id: `verify:label:${path}`,
            severity: 'unchecked',
            summary: fill(texts.simulated, {path}),
            remedy: texts.simulatedRemedy,
          },
        ];
  },
  revert: async (system, {path, type}, before, _after, {say}) => {
    const now = await labelRule(system, path);
    if (before.effective === type || now.local === before.local) {
      return {kind: 'nothing-to-do'};
    }

    if (now.local !== type) {
      return {
        kind: 'conflict',
        path,
        finding: {
          id: `kept:label:${path}`,
          severity: 'warning',
          summary: fill(texts.kept, {path, type: now.local ?? '—'}),
          remedy: texts.keptRemedy,
        },
      };
    }

    await setLabelRule(system, path, before.local, now.local, say);
    return {kind: 'reverted'};
  },
  // Mail below the path stays when its section is taken back, and without its label nothing could read it.
  inverse: ({path, type}, before, _after, {stays}) => {
    if (before.effective !== type) {
      stays(path);
    }

    return [];
  },
};

const texts = {
  title: {en: 'SELinux: {path} is labelled {type}', ja: 'SELinux: {path} のラベルを {type} に設定'},
  caveat: {
    en: 'Undone, files that were there before get the label that the policy has for them.',
    ja: '取り消すと、既存のファイルのラベルはポリシーの既定に戻ります。',
  },
  wrong: {
    en: 'SELinux’s label of {path} is not {type}.',
    ja: 'SELinux のラベルが {path} で {type} になっていません。',
  },
  wrongRemedy: {
    en: 'Look whether another rule is stronger: “semanage fcontext --list --locallist”.',
    ja: 'ほかの規則が優先されていないか「semanage fcontext --list --locallist」で確認してください。',
  },
  simulated: {
    en: 'SELinux’s rule for {path} is in the policy; the label itself was not checked.',
    ja: 'SELinux の {path} の規則はポリシーにあります。ラベル自体は確認していません。',
  },
  simulatedRemedy: {
    en: 'It is checked where SELinux is on.',
    ja: 'SELinux が有効な環境で確認されます。',
  },
  kept: {
    en: 'SELinux’s rule for {path} says {type} by now: somebody else set it, and it is kept.',
    ja: 'SELinux の {path} の規則は他者により {type} に変更されているため、そのままにします。',
  },
  keptRemedy: {
    en: 'Change it by hand with “semanage fcontext”, if it is not meant.',
    ja: '意図したものでなければ「semanage fcontext」で変更してください。',
  },
} satisfies Record<string, Text>;
