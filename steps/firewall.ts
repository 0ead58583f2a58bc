import {yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Finding} from '../src/core/finding.js';
import type {Probe} from '../src/core/probe.js';
import {fill, type Text} from '../src/core/text.js';
import {isSettable, rulesToAdd} from './lib/firewall-rules.js';
import {
  isFirewallManaged,
  mailPorts,
  openPortsOf,
  othersPorts,
  ownPortsOf,
  port,
  staysOpen,
} from './lib/ports.js';
import {hasDovecot, isServer} from './lib/read.js';

/**
 * Whether dovetail opens and closes ports. The sections say which; only exact entries are touched, permanent and runtime
 * alike, and never SSH's. The firewall is never switched on or off; rules of nft(8) or iptables(8) are somebody's own text, so
 * what to add is said.
 */
export const firewall = defineStep({
  id: 'firewall',
  title: {en: 'Firewall', ja: 'ファイアウォール'},
  why: {
    en: 'Exactly the ports that mail needs are open, now and after a restart.',
    ja: 'メールに必要なポートだけを、再起動後も含めて開きます。',
  },
  needs: ['role', 'protocols', 'smtp', 'submission'],
  owns: ['port:*'],
  questions: {
    manage: yesNo({
      ask: {
        en: 'Open the ports for mail in this machine’s firewall, and close those no longer needed?',
        ja: 'このマシンのファイアウォールで、メール用のポートを開き、不要になったものを閉じますか。',
      },
      help: {
        en: 'Only entries for mail are touched; SSH and all others stay. What one restart would forget is set for good too (old advice leaves out --permanent).',
        ja: 'メール用の項目だけを変更し、SSH などはそのままです。古い資料で抜けている --permanent も含めて設定します。',
      },
      why: {
        en: 'A closed port means no mail; one left open is a door without a purpose.',
        ja: '閉じていればメールが届かず、開いたままなら不要な入口が残ります。',
      },
      level: 'advanced',
      when: ({facts}) => isSettable(facts),
      initial: () => true,
    }),
    close_unused: yesNo({
      ask: {
        en: 'Mail ports are open here that nothing will use. Close them too?',
        ja: '使われないメール用ポートが開いています。これらも閉じますか。',
      },
      help: {
        en: 'Somebody else opened them; the review names them.',
        ja: '他者が開いたものです。確認画面で番号を示します。',
      },
      why: {
        en: 'An open port without a purpose is a door for later; but who opened it may still want it.',
        ja: '目的のない開放は後で入口になりますが、開いた人がまだ必要としているかもしれません。',
      },
      level: 'advanced',
      when: ({facts, answers}) =>
        isSettable(facts) && isFirewallManaged(answers) && othersPorts(answers, facts).length > 0,
      initial: () => false,
    }),
  },
  adopt: () => ({}),
  // The sections ask for their own ports; where they no longer apply, nobody else would close them.
  plan: ({all}) =>
    hasDovecot(all)
      ? []
      : mailPorts
          .filter(number => !(isServer(all) ? [25, 465, 587] : [25]).includes(number))
          .flatMap(number => port(all, number, 'absent')),
  probes: ({all, facts}): readonly Probe[] => {
    const open = openPortsOf(all);
    const probe = {id: 'firewall', section: 'firewall', kind: 'firewall', open} as const;
    if (isSettable(facts)) {
      const closed = ownPortsOf(all).filter(
        number => !open.includes(number) && !staysOpen(all, facts).includes(number),
      );
      return isFirewallManaged(all) ? [{...probe, closed}] : [];
    }

    return facts.firewall.active && open.length > 0
      ? [{...probe, closed: [], add: rulesToAdd(facts, open)}]
      : [];
  },
  notes: ({all, facts}): readonly Finding[] => {
    const {backend, shut = []} = facts.firewall;
    const ports = openPortsOf(all).join(', ');
    if (ports === '') {
      return [];
    }

    const isManaged = isSettable(facts) && isFirewallManaged(all);
    const rules = rulesToAdd(facts, openPortsOf(all));
    const byHand =
      backend !== 'none' && !isManaged
        ? [
            {
              id: 'firewall:by-hand',
              section: 'firewall',
              severity: 'warning' as const,
              summary: fill(texts.byHand, {backend}),
              remedy:
                rules.length === 0
                  ? fill(texts.open, {ports})
                  : fill(texts.rules, {ports, rules: rules.join('; ')}),
            },
          ]
        : [];
    const kept = isManaged ? shut.filter(number => openPortsOf(all).includes(number)).join(', ') : '';
    const keptShut =
      kept === ''
        ? []
        : [
            {
              id: 'firewall:shut',
              section: 'firewall',
              severity: 'warning' as const,
              summary: fill(texts.shut, {ports: kept}),
              remedy: texts.shutRemedy,
            },
          ];
    // Said once: a server that is live already gets its mail.
    const inFront = facts.configured.postfix
      ? []
      : [
          {
            id: 'firewall:in-front',
            section: 'firewall',
            severity: 'warning' as const,
            summary: texts.inFront,
            remedy: fill(texts.open, {ports}),
          },
        ];
    const stays = isFirewallManaged(all) ? staysOpen(all, facts).join(', ') : '';
    const unused =
      stays === ''
        ? []
        : [
            {
              id: 'firewall:others',
              section: 'firewall',
              severity: 'warning' as const,
              summary: fill(texts.others, {ports: stays}),
              remedy: texts.othersRemedy,
            },
          ];
    return [...byHand, ...keptShut, ...unused, ...inFront];
  },
});

const texts = {
  byHand: {
    en: 'The firewall of this machine ({backend}) is left as it is.',
    ja: 'このマシンのファイアウォール ({backend}) は変更しません。',
  },
  inFront: {
    en: 'A firewall of the provider or a router in front of this machine cannot be seen from here.',
    ja: '事業者やルーターのファイアウォールは、ここからは確認できません。',
  },
  others: {
    en: 'Open in the firewall though nothing here uses them: {ports}. Somebody else opened them, so they stay.',
    ja: 'ファイアウォールで開いていますが、ここでは使いません: {ports}。他者が開いたものなので残します。',
  },
  othersRemedy: {
    en: 'Answer yes to firewall.close_unused, or remove the entries with firewall-cmd or ufw.',
    ja: 'firewall.close_unused に「はい」と答えるか、firewall-cmd や ufw で削除してください。',
  },
  rules: {
    en: 'Let these TCP ports in ({ports}), here and in the file that the rules are loaded from: {rules}',
    ja: '次の TCP ポート ({ports}) を許可してください。規則を読み込むファイルにも書きます: {rules}',
  },
  shut: {
    en: 'A rule that somebody made in ufw keeps these ports shut: {ports}. It stays.',
    ja: '他者が作った ufw の規則が次のポートを遮断しています: {ports}。そのままにします。',
  },
  shutRemedy: {
    en: 'Look at “ufw status numbered”, and delete that rule if mail is to come in.',
    ja: '「ufw status numbered」で確認し、メールを通すならその規則を削除してください。',
  },
  open: {en: 'Open these TCP ports there: {ports}.', ja: 'そこで次の TCP ポートを開いてください: {ports}'},
} satisfies Record<string, Text>;
