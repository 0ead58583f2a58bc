import test from 'ava';
import {refusedBy} from '../../src/probes/filtered.js';

const attachment = {kind: 'attachment', ending: 'exe'} as const;
const spam = {kind: 'spam', port: 11_332} as const;
const virus = {kind: 'virus'} as const;

test('a refusal for good is the filter’s; of a virus, only in its own words', t => {
  t.is(
    refusedBy(attachment, '550 5.7.1 Attachments whose name ends in .exe are not accepted', false),
    'itself',
  );
  t.is(refusedBy(spam, '554 5.7.1 Gtube pattern', false), 'itself');
  t.is(refusedBy(virus, '550 5.7.1 This message carries a virus: Own.Eicar', false), 'itself');
  t.is(refusedBy(virus, '554 5.7.1 Gtube pattern', false), 'another');
});

test('while mail is held back, a filter’s own words count with 4xx too, and those of one that is down never', t => {
  for (const [what, words] of [
    [attachment, '450 4.7.1 Attachments whose name ends in .exe are not accepted here'],
    [spam, '454 4.7.1 Gtube pattern'],
    [virus, '450 4.7.1 This message carries a virus: Own.Eicar'],
  ] as const) {
    t.is(refusedBy(what, words, true), 'itself', words);
    t.is(refusedBy(what, words, false), 'nothing', words);
    t.is(refusedBy(what, '451 4.7.1 Service unavailable - try again later', true), 'nothing');
    t.is(refusedBy(what, 'Greeting never received', true), 'nothing');
  }
});
