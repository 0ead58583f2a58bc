import {defineStep} from '../src/core/step.js';
import {accountsOf, domainsOf, isServer} from './lib/read.js';

/** Postfix hands mail of the domains to Dovecot, for the accounts that exist and for nobody else. */
export const delivery = defineStep({
  id: 'delivery',
  title: {en: 'Delivery', ja: '配送'},
  why: {
    en: 'Who does not exist is refused while the sender waits; nothing bounces to forged senders.',
    ja: '存在しない宛先はその場で拒否し、偽の差出人への戻りメールを出しません。',
  },
  needs: ['lmtp', 'auth-passwdfile'],
  owns: ['main.cf:virtual_transport', 'main.cf:virtual_mailbox_domains', 'main.cf:virtual_mailbox_maps'],
  applies: (_facts, all) => isServer(all),
  questions: {},
  adopt: () => ({}),
  plan: ({all, facts}) => {
    const map = facts.postfix?.mapType ?? 'hash';
    return [
      {
        kind: 'setting',
        in: 'main.cf',
        at: 'virtual_mailbox_domains',
        op: 'set',
        value: domainsOf(all).join(', '),
      },
      {
        kind: 'setting',
        in: 'main.cf',
        at: 'virtual_transport',
        op: 'set',
        value: 'lmtp:unix:private/dovecot-lmtp',
      },
      {
        kind: 'setting',
        in: 'main.cf',
        at: 'virtual_mailbox_maps',
        op: 'set',
        value: `${map}:/etc/postfix/vmailbox`,
      },
      {
        kind: 'rows',
        file: '/etc/postfix/vmailbox',
        format: 'table',
        ownership: {owner: 'root', group: 'root', mode: 0o644},
        compile: map,
        rows: accountsOf(all).map(({name}) => ({
          key: name,
          state: 'present' as const,
          content: [{text: `${name} ${name}`}],
        })),
      },
    ];
  },
  probes: ({all}) =>
    domainsOf(all).map(domain => ({
      id: `delivery:unknown:${domain}`,
      section: 'delivery',
      kind: 'unknown-recipient-refused',
      domain,
    })),
});
