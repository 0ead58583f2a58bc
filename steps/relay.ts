import {defineStep} from '../src/core/step.js';

/** The way out. */
export const relay = defineStep({
  id: 'relay',
  title: {en: 'The way out', ja: '送信経路'},
  why: {en: 'Mail to other servers leaves directly, or through a relay.', ja: 'ほかのサーバー宛のメールを直接、または中継サーバー経由で送ります。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
