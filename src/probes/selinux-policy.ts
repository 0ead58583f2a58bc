import type {Text} from '../core/text.js';
import {booleanRule} from '../system/selinux-boolean.js';
import {portRule} from '../system/selinux-port.js';
import {fail, pass} from './result.js';
import type {ProbeHandler} from './types.js';

/** What SELinux's policy says of ports and switches, now and after a reboot, is what was asked for. */
export const selinuxPolicy: ProbeHandler<'selinux-policy'> = async (probe, {host}) => {
  const wrong: string[] = [];
  for (const port of probe.ports) {
    const {effective} = await portRule(host, port, 'tcp');
    if (effective === null || !/^(?:mail|lmtp|pop|sieve|smtp)_port_t$/.test(effective)) {
      wrong.push(`tcp/${port}: ${effective ?? '—'}`);
    }
  }

  for (const [name, value] of Object.entries(probe.booleans)) {
    const rule = await booleanRule(host, name);
    if (rule.value !== value || (rule.live ?? value) !== value) {
      wrong.push(`${rule.name}: ${value ? 'off' : 'on'}`);
    }
  }

  return [
    wrong.length === 0
      ? pass(probe, {summary: texts.good})
      : fail(probe, {summary: texts.wrong, remedy: texts.remedy, evidence: wrong}),
  ];
};

const texts = {
  good: {
    en: 'SELinux’s policy has the labels of ports and the booleans that were asked for.',
    ja: 'SELinux のポリシーは、指定したポートのラベルとブール値になっています。',
  },
  wrong: {
    en: 'SELinux’s policy is not as asked.',
    ja: 'SELinux のポリシーが指定どおりではありません。',
  },
  remedy: {
    en: 'Compare “semanage port --list --locallist” and “semanage boolean --list”, and apply again.',
    ja: '「semanage port --list --locallist」と「semanage boolean --list」を確認し、再適用してください。',
  },
} satisfies Record<string, Text>;
