import {defineStep} from '../src/core/step.js';

/** Mail programs. */
export const clients = defineStep({
  id: 'clients',
  title: {en: 'Mail programs', ja: 'メールソフト'},
  why: {
    en: 'What people must type into their mail program, and what to publish in DNS.',
    ja: 'メールソフトに入力する値と、DNS に公開する内容です。',
  },
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
