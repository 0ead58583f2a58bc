import {defineStep} from '../src/core/step.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import type {Facts} from '../src/core/facts.js';
import type {AllAnswers} from '../src/core/question.js';
import type {DovecotSettings} from '../src/core/setting.js';
import {hasList, hasPam} from './lib/people.js';
import {domainsOf, hostnameOf, isServer} from './lib/read.js';

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
  plan: ({all, facts}) => [
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
    ...usernameOf(all, facts).map(
      value => ({kind: 'setting', in: 'dovecot', at: 'lmtp.username', op: 'set', value}) as const,
    ),
  ],
  probes: () => [],
});

// Postfix hands over whole addresses. Users of the machine have bare names; beside a list they are known by the host's name.
// For a list alone nothing needs to be said, unless somebody did.
const usernameOf = (all: AllAnswers, facts: Facts): readonly DovecotSettings['lmtp.username'][] =>
  hasPam(all)
    ? [hasList(all) ? {localAt: hostnameOf(all)} : 'lower-local-part']
    : readDovecot(facts).settings['lmtp.username'] === undefined
      ? []
      : ['lower'];
