import {defineStep} from '../src/core/step.js';

/** Firewall. */
export const firewall = defineStep({
  id: 'firewall',
  title: {en: 'Firewall', ja: 'ファイアウォール'},
  why: {
    en: 'Exactly the ports that mail needs are open, now and after a restart.',
    ja: 'メールに必要なポートだけを、再起動後も含めて開きます。',
  },
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
