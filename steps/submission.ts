import {defineStep} from '../src/core/step.js';

/** Sending by users. */
export const submission = defineStep({
  id: 'submission',
  title: {en: 'Sending by users', ja: '利用者の送信'},
  why: {en: 'People send with their password over an encrypted connection, and only under their own address.', ja: '利用者は暗号化された接続とパスワードで、自分のアドレスからだけ送信します。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
