import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const factsWith = (folders: string) =>
  debian12Facts({files: {'/etc/dovecot/dovecot.conf': `namespace inbox {\n${folders}\n}\n`}});

const auto = (name: string, value: string) => `  mailbox ${name} {\n    auto = ${value}\n  }`;

const foldersWanted = (mailboxes: Readonly<Record<string, unknown>>, facts = debian12Facts()) =>
  wantsOf('mailboxes', {answers: completeAnswers({mailboxes}), facts}).flatMap(want =>
    want.kind === 'block' && want.at === 'mailbox'
      ? [want.state === 'present' ? `${want.value.name} ${want.value.auto}` : `no ${want.value.name}`]
      : [],
  );

const adopted = (folders: string) => stepOf('mailboxes').adopt(factsWith(folders), debian12Platform);

test('the usual folders are subscribed, and only one of them is for sent mail', t => {
  t.deepEqual(foldersWanted({}), [
    'Drafts subscribe',
    'Junk subscribe',
    'Trash subscribe',
    'Sent subscribe',
    'no Sent Messages',
  ]);
});

test('folders of one’s own, and those that are only made', t => {
  t.deepEqual(foldersWanted({folders: ['Sent', 'Archive'], own: ['Invoices'], how: 'create'}), [
    'Sent create',
    'Archive create',
    'Invoices create',
    'no Sent Messages',
  ]);
  t.deepEqual(probesOf('mailboxes', {answers: completeAnswers({mailboxes: {folders: [], own: []}})}), []);
});

test('what is taken off the list is no longer made, and folders that nobody asked about stay', t => {
  const facts = factsWith(
    [auto('Drafts', 'subscribe'), auto('Old', 'subscribe'), auto('"A b"', 'create')].join('\n'),
  );
  const wanted = foldersWanted({folders: ['Sent'], own: []}, facts);
  t.true(wanted.includes('Drafts no') && wanted.includes('no Old'));
  t.false(wanted.some(name => name.includes('A b')));
  t.false(foldersWanted({custom: ['own']}, facts).includes('no Old'));
});

test('the machine’s folders are adopted where the questions can say them', t => {
  t.deepEqual(adopted([auto('Junk', 'create'), auto('Bills', 'create'), auto('Sent', 'no')].join('\n')), {
    folders: ['Junk'],
    how: 'create',
    own: ['Bills'],
  });
  t.deepEqual(adopted([auto('Junk', 'create'), auto('Sent', 'subscribe')].join('\n')), {});
  t.deepEqual(adopted([auto('Junk', 'create'), auto('"Sent Items"', 'create')].join('\n')), {
    folders: ['Junk'],
    how: 'create',
  });
  t.deepEqual(adopted(''), {});
});

test('names that could mean something else in a folder tree or a file are refused', t => {
  for (const name of [
    'a/b',
    'a.b',
    '..',
    '~x',
    'a b',
    'x}\nssl = no',
    '{',
    '"',
    '%',
    'INBOX',
    'sent',
    'é',
    '',
    'x'.repeat(61),
  ]) {
    t.truthy(refusal('mailboxes', 'own', [name]), JSON.stringify(name));
  }

  t.truthy(refusal('mailboxes', 'own', ['Bills', 'bills']));
  t.is(refusal('mailboxes', 'own', ['Bills', 'To-do_2']), undefined);
});
