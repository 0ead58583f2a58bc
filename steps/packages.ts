import {defineStep} from '../src/core/step.js';
import {hasDovecot, hasPostfix, servicesOf} from './lib/read.js';

/** What must be installed. Nothing is asked. */
export const packages = defineStep({
  id: 'packages',
  title: {en: 'Packages', ja: 'パッケージ'},
  why: {
    en: 'Only what the answers need is installed, and nothing starts before it is configured.',
    ja: '必要なものだけを入れ、設定前には何も起動しません。',
  },
  needs: ['role', 'protocols'],
  owns: [],
  questions: {},
  packages: ({all}) => [
    ...(hasDovecot(all)
      ? ([
          'dovecot',
          'dovecot-imap',
          ...(hasPostfix(all) ? (['dovecot-lmtp'] as const) : []),
          ...(servicesOf(all).includes('pop3') ? (['dovecot-pop3'] as const) : []),
        ] as const)
      : []),
    ...(hasPostfix(all) ? (['postfix'] as const) : []),
  ],
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
