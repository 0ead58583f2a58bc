import {defineStep} from '../src/core/step.js';

/** Delivery. */
export const delivery = defineStep({
  id: 'delivery',
  title: {en: 'Delivery', ja: '配送'},
  why: {en: 'Mail for people here must reach their mailbox, and mail for nobody must be refused at once.', ja: 'ここの利用者宛は必ず届け、存在しない宛先はその場で拒否します。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
