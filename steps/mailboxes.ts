import {defineStep} from '../src/core/step.js';
import {hasDovecot} from './lib/read.js';

const folders = [
  {name: 'Drafts', specialUse: '\\Drafts', auto: 'subscribe'},
  {name: 'Junk', specialUse: '\\Junk', auto: 'subscribe'},
  {name: 'Trash', specialUse: '\\Trash', auto: 'subscribe'},
  {name: 'Sent', specialUse: '\\Sent', auto: 'subscribe'},
] as const;

/** Folders that every user has. Only one is \Sent: with the stock second one, mail programs file sent mail twice. */
export const mailboxes = defineStep({
  id: 'mailboxes',
  side: 'dovecot',
  title: {en: 'Folders', ja: 'フォルダー'},
  why: {
    en: 'Mail programs find drafts, junk, trash and sent mail by themselves.',
    ja: 'メールソフトが下書きや迷惑メールなどのフォルダーを自動で見つけます。',
  },
  needs: ['role'],
  owns: ['mailbox'],
  applies: (_facts, all) => hasDovecot(all),
  questions: {},
  adopt: () => ({}),
  plan: () => folders.map(value => ({kind: 'block', in: 'dovecot', at: 'mailbox', value, state: 'present'})),
  probes: ({all}) => [
    {
      id: 'mailboxes:special-use',
      section: 'mailboxes',
      kind: 'special-use',
      port: 993,
      starttls: false,
      name: String(all['role']?.['hostname']),
      mailboxes: folders.map(({name, specialUse}) => ({name, specialUse, subscribed: true})),
    },
  ],
});
