import {defineStep} from '../src/core/step.js';

/** Hardening. */
export const hardening = defineStep({
  id: 'hardening',
  title: {en: 'Hardening', ja: '堅牢化'},
  why: {en: 'Less to find out and less to try for those who search for weak servers.', ja: '弱いサーバーを探す者に、調べる手がかりと試す余地を与えません。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
