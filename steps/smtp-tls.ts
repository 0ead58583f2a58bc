import {defineStep} from '../src/core/step.js';

/** TLS between servers. */
export const smtpTls = defineStep({
  id: 'smtp-tls',
  title: {en: 'TLS between servers', ja: 'サーバー間の TLS'},
  why: {en: 'Mail between servers is encrypted whenever the other side can.', ja: '相手が対応していれば、サーバー間のメールを暗号化します。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
