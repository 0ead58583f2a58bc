import {defineStep} from '../src/core/step.js';
import {domainsOf, isServer} from './lib/read.js';

/** The socket by which Postfix hands mail over. It lies in Postfix's own queue directory: a path outside fails in its chroot. */
export const lmtp = defineStep({
  id: 'lmtp',
  side: 'dovecot',
  title: {en: 'Handing over (LMTP)', ja: '受け渡し (LMTP)'},
  why: {
    en: 'Postfix receives mail, Dovecot stores it: they meet at a socket that nobody else can use.',
    ja: 'Postfix が受け取り Dovecot が保存します。その間のソケットは他者には使えません。',
  },
  needs: ['role'],
  owns: ['listener.unix lmtp*', 'lmtp.*'],
  applies: (_facts, all) => isServer(all),
  questions: {},
  adopt: () => ({}),
  plan: ({all}) => [
    {kind: 'item', in: 'dovecot', at: 'protocols', value: 'lmtp', state: 'present'},
    {
      kind: 'block',
      in: 'dovecot',
      at: 'listener.unix',
      value: {
        service: 'lmtp',
        path: '/var/spool/postfix/private/dovecot-lmtp',
        mode: '0600',
        user: 'postfix',
        group: 'postfix',
      },
      state: 'present',
    },
    {
      kind: 'setting',
      in: 'dovecot',
      at: 'lmtp.postmaster',
      op: 'set',
      value: `postmaster@${domainsOf(all)[0] ?? ''}`,
    },
  ],
  probes: () => [],
});
