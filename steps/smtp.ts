import {defineStep} from '../src/core/step.js';

/** Mail from and to other servers. */
export const smtp = defineStep({
  id: 'smtp',
  title: {en: 'Mail from and to other servers', ja: 'ほかのサーバーとのメール'},
  why: {en: 'It decides who may send through this server, and where mail for the postmaster goes.', ja: '誰がこのサーバーを通して送れるか、管理者宛のメールがどこへ届くかを決めます。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
