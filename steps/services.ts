import {defineStep} from '../src/core/step.js';
import {takenPorts} from './lib/taken-ports.js';
import {answer, hasDovecot, hasPostfix} from './lib/read.js';

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
  plan: ({all, facts, platform}) => [
    // Where another mail server stays installed beside Postfix, it must not come back at the next start of the machine.
    ...(answer<boolean>(all, 'packages', 'replace_mta') === true && platform.mta !== undefined
      ? facts.otherMtas
          .map(name => `${name}.service`)
          .filter(unit => facts.units[unit]?.exists === true)
          .map(unit => ({kind: 'service' as const, unit, state: 'absent' as const}))
      : []),
    // Postfix first: its first start makes the directory of its private sockets, and without that Dovecot, which listens
    // there, does not start at all (seen on Debian 13).
    ...(hasPostfix(all)
      ? [{kind: 'service' as const, unit: platform.units.postfix, state: 'present' as const}]
      : []),
    ...(hasDovecot(all)
      ? [{kind: 'service' as const, unit: platform.units.dovecot, state: 'present' as const}]
      : []),
  ],
  notes: ({all, facts}) => takenPorts(all, facts),
  probes: ({all, platform}) => [
    ...(hasDovecot(all)
      ? [{id: 'service:dovecot', section: 'services', kind: 'service' as const, unit: platform.units.dovecot}]
      : []),
    ...(hasPostfix(all)
      ? [{id: 'service:postfix', section: 'services', kind: 'service' as const, unit: platform.units.postfix}]
      : []),
    {
      id: 'log',
      section: 'services',
      kind: 'log-quiet',
      units: [...(hasDovecot(all) ? ['dovecot'] : []), ...(hasPostfix(all) ? ['postfix', 'postfix@-'] : [])],
    },
  ],
});
