import {defineStep} from '../src/core/step.js';
import {isServer} from './lib/read.js';

/** Where accounts live: a list on this server. No password is taken without TLS. */
export const auth = defineStep({
  id: 'auth',
  side: 'dovecot',
  title: {en: 'Logging in', ja: 'ログイン'},
  why: {
    en: 'People log in with their whole mail address; the system’s own users cannot.',
    ja: 'メールアドレス全体でログインします。システムのユーザーはログインできません。',
  },
  needs: ['role'],
  owns: ['passdb', 'userdb', 'auth.*'],
  applies: (_facts, all) => isServer(all),
  questions: {},
  adopt: () => ({}),
  plan: () => [
    // Dovecot's packages ask PAM by default: root could log in over IMAP with its system password.
    {kind: 'block', in: 'dovecot', at: 'passdb', value: {driver: 'pam'}, state: 'absent'},
    {kind: 'setting', in: 'dovecot', at: 'auth.cleartext', op: 'set', value: false},
    {kind: 'setting', in: 'dovecot', at: 'auth.username', op: 'set', value: 'lower'},
    {kind: 'item', in: 'dovecot', at: 'auth.mechanisms', value: 'plain', state: 'present'},
    {kind: 'item', in: 'dovecot', at: 'auth.mechanisms', value: 'login', state: 'present'},
  ],
  probes: ({all}) => [
    {id: 'auth:root', section: 'auth', kind: 'system-account-refused', user: 'root'},
    ...(isServer(all) ? [{id: 'auth:config', section: 'auth', kind: 'dovecot-config' as const}] : []),
  ],
});
