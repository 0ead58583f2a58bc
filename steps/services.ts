import {defineStep} from '../src/core/step.js';
import {isServer} from './lib/read.js';

/** What runs now and after the next start of the machine; last, once everything is in its place. */
export const services = defineStep({
  id: 'services',
  title: {en: 'Services', ja: 'サービス'},
  why: {
    en: 'Nothing runs before it is configured, and all of it runs again after a reboot.',
    ja: '設定前には何も動かさず、再起動後もすべて動くようにします。',
  },
  needs: ['role'],
  owns: ['unit:*'],
  questions: {},
  adopt: () => ({}),
  plan: ({all, platform}) => [
    ...(isServer(all)
      ? [{kind: 'service' as const, unit: platform.units.dovecot, state: 'present' as const}]
      : []),
    {kind: 'service', unit: platform.units.postfix, state: 'present'},
  ],
  probes: ({all, platform}) => [
    ...(isServer(all)
      ? [{id: 'service:dovecot', section: 'services', kind: 'service' as const, unit: platform.units.dovecot}]
      : []),
    {id: 'service:postfix', section: 'services', kind: 'service', unit: platform.units.postfix},
    {
      id: 'log',
      section: 'services',
      kind: 'log-quiet',
      units: isServer(all) ? ['dovecot', 'postfix', 'postfix@-'] : ['postfix', 'postfix@-'],
    },
  ],
});
