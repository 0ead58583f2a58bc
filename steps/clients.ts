import {defineStep} from '../src/core/step.js';
import {hasDovecot, isServer} from './lib/read.js';

export {type ClientSetting, clientSettings, type DnsRecord, dnsRecords} from './lib/client-settings.js';

/** What people type into their mail programs. Nothing on the machine changes; the end of a run and `client-settings` show it. */
export const clients = defineStep({
  id: 'clients',
  title: {en: 'Mail programs', ja: 'メールソフト'},
  why: {
    en: 'What people must type into their mail program, and what to publish in DNS.',
    ja: 'メールソフトに入力する値と、DNS に公開する内容です。',
  },
  needs: ['role', 'protocols', 'submission', 'tls'],
  owns: [],
  applies: (_facts, all) => hasDovecot(all) || isServer(all),
  questions: {},
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});
