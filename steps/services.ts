import {defineStep} from '../src/core/step.js';

/** Services. */
export const services = defineStep({
  id: 'services',
  title: {en: 'Services', ja: 'サービス'},
  why: {en: 'Both servers run now and after a restart, once their configuration is proved.', ja: '設定を確認してから両サーバーを起動し、再起動後も動くようにします。'},
  needs: ['role'],
  owns: [],
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
