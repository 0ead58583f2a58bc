import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {noPeople} from '../../src/planner/dialects/blocks.js';
import {hasMailOwner, hasPam, uidRangeOf} from './people.js';
import {hasNetworkLmtp} from './read.js';

/** Names that users who are no people are looked up under. */
export const peopleFile = '/etc/dovecot/no-people';

const text = `# LMTP asks here for the users of this machine, by what their number is: who is found has no mailbox. Written by dovetail.
${noPeople.map(name => `${name}::::::\n`).join('')}`;

/** Whether LMTP must refuse users of the machine who are no people by itself. */
export const refusesServices = (all: AllAnswers) => hasNetworkLmtp(all) && hasPam(all) && !hasMailOwner(all);

/**
 * Where another host hands mail over to the machine's own users, daemon and www-data are refused at RCPT: that host has no list of them.
 * On one host the table of aliases leads their mail to whoever reads root's; beside a list of accounts they have no address in the
 * mail domains. With one owner of all mail a number says nothing of a person any more, and their mail is not put off.
 */
export const peopleWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const on = refusesServices(all);
  if (!on && facts.files[peopleFile] === undefined) {
    return [];
  }

  const state = on ? 'present' : 'absent';
  return [
    {kind: 'block', in: 'dovecot', at: 'lmtp.people', value: {...uidRangeOf(all), file: peopleFile}, state},
    on
      ? {
          kind: 'file',
          path: peopleFile,
          state: 'present',
          content: [{text}],
          owner: 'root',
          group: 'root',
          mode: 0o644,
        }
      : {kind: 'file', path: peopleFile, state: 'absent'},
  ];
};
