import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import {type PortRule, portRule, setPortRule} from '../system/selinux-port.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'selinux.port'>;

/**
 * SELinux's label of a port, so that a program may listen on it: a rule of the policy for this port alone (semanage-port(8)),
 * where a boolean would let many programs use any port. A port that has a label of those that `enough` names is left alone.
 */
export const selinuxPort: ChangeHandler<Change, PortRule, PortRule, null> = {
  observe: async (host, {port, protocol}) => portRule(host, port, protocol),
  preview: (change, rule, {certainty}) => {
    const {port, protocol, type, state} = change;
    const values = {port: `${port}/${protocol}`, type};
    return {
      action: isAsAsked(change, rule)
        ? 'none'
        : state === 'absent'
          ? 'delete'
          : rule.local === null
            ? 'create'
            : 'update',
      certainty,
      reversible: 'exact',
      title: fill(state === 'present' ? texts.title : texts.removed, values),
      body: [],
      ...(state === 'present' && rule.effective !== null && !generic.test(rule.effective)
        ? {caveat: fill(texts.taken, {port: values.port, other: rule.effective})}
        : {}),
    };
  },
  capture: async (system, {port, protocol}) => portRule(system, port, protocol),
  apply: async (system, change, before, {say}) => {
    if (!isAsAsked(change, before)) {
      await setPortRule(system, change, change.state === 'present' ? change.type : null, before, say);
    }

    return null;
  },
  verify: async (host, change) => {
    const {port, protocol, type} = change;
    return isAsAsked(change, await portRule(host, port, protocol))
      ? []
      : [
          {
            id: `verify:${change.id}`,
            severity: 'fail',
            summary: fill(texts.wrong, {port: `${port}/${protocol}`, type}),
            remedy: texts.wrongRemedy,
          },
        ];
  },
  revert: async (system, change, before, _after, {say}) => {
    const {port, protocol, type, state} = change;
    const now = await portRule(system, port, protocol);
    if (isAsAsked(change, before) || now.local === before.local) {
      return {kind: 'nothing-to-do'};
    }

    if (now.local !== (state === 'present' ? type : null)) {
      return {
        kind: 'conflict',
        finding: {
          id: `kept:${change.id}`,
          severity: 'warning',
          summary: fill(texts.kept, {port: `${port}/${protocol}`, type: now.local ?? '—'}),
          remedy: texts.keptRemedy,
        },
      };
    }

    await setPortRule(system, change, before.local, now, say);
    return {kind: 'reverted'};
  },
  inverse: (change, before, _after, {section, alone, id}) => {
    if (!alone || isAsAsked(change, before)) {
      return [];
    }

    const back = {...change, id: id(change.id), sections: [section]};
    return change.state === 'absent'
      ? [{...back, state: 'present' as const}]
      : before.local === null
        ? [{...back, state: 'absent' as const}]
        : [{...back, type: before.local, enough: []}];
  },
};

const isAsAsked = ({type, state, enough}: Change, {local, effective}: PortRule) =>
  state === 'absent' ? local !== type : [type, ...enough].includes(effective ?? '');

// Labels of whole ranges: nobody owns such a port.
const generic = /^(?:unreserved|hi_reserved|reserved|ephemeral)_port_t$|^port_t$/;

const texts = {
  title: {
    en: 'SELinux: port {port} is labelled {type}',
    ja: 'SELinux: ポート {port} のラベルを {type} に設定',
  },
  removed: {
    en: 'SELinux: the rule that labels port {port} {type} goes',
    ja: 'SELinux: ポート {port} を {type} とする規則を削除',
  },
  taken: {
    en: 'The policy gives {port} to other programs ({other}); those may not listen on it meanwhile.',
    ja: '{port} はポリシー上ほかのプログラム ({other}) 用で、その間それらは使えません。',
  },
  wrong: {
    en: 'SELinux’s label of port {port} is not as asked ({type}).',
    ja: 'SELinux のポート {port} のラベルが指定 ({type}) と異なります。',
  },
  wrongRemedy: {
    en: 'Look whether another rule is stronger: “semanage port --list --locallist”.',
    ja: 'ほかの規則が優先されていないか「semanage port --list --locallist」で確認してください。',
  },
  kept: {
    en: 'SELinux’s rule for port {port} says {type} by now: somebody else set it, and it is kept.',
    ja: 'SELinux のポート {port} の規則は他者により {type} に変更されているため、そのままにします。',
  },
  keptRemedy: {
    en: 'Change it by hand with “semanage port”, if it is not meant.',
    ja: '意図したものでなければ「semanage port」で変更してください。',
  },
} satisfies Record<string, Text>;
