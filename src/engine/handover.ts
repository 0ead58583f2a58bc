import {complete} from '../answers/complete.js';
import type {AllAnswers} from '../core/question.js';
import {literal, type Text} from '../core/text.js';
import {clientSettings, dnsRecords} from '../../steps/clients.js';
import {steps} from '../../steps/index.js';
import type {Machine} from './machine.js';

/** What people type into their mail programs, and what has to be published, as lines. Empty where nobody reads mail here. */
export const handover = (
  {facts, platform}: Pick<Machine, 'facts' | 'platform'>,
  answers: AllAnswers,
): readonly Text[] => {
  const all = complete(steps, answers, {facts, platform});
  const settings = clientSettings(all);
  const width = Math.max(...settings.map(({protocol}) => protocol.length));
  const first = settings[0];
  if (first === undefined) {
    return [];
  }

  return [
    literal(''),
    texts.programs,
    ...settings.map(({protocol, port, security, preferred}) =>
      literal(
        `  ${preferred ? '*' : ' '} ${protocol.padEnd(width)} ${first.server}  ${String(port).padStart(4)}  ${security}`,
      ),
    ),
    {en: `    ${texts.user.en}: ${first.userName.en}`, ja: `    ${texts.user.ja}: ${first.userName.ja}`},
    literal(''),
    texts.dns,
    ...dnsRecords(all, facts).map(({name, type, value}) => literal(`    ${name}  ${type}  ${value}`)),
  ];
};

const texts = {
  programs: {
    en: 'For the mail programs of your users (* is the one to choose):',
    ja: '利用者のメールソフト用 (* が推奨):',
  },
  user: {en: 'user name', ja: 'ユーザー名'},
  dns: {en: 'To publish in DNS:', ja: 'DNS に公開するもの:'},
} satisfies Record<string, Text>;
