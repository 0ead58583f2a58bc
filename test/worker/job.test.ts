import test from 'ava';
import type {Change} from '../../src/core/change.js';
import type {ContentPart} from '../../src/core/want.js';
import type {Run} from '../../src/engine/run.js';
import {packJob, unpackJob} from '../../src/worker/job.js';
import {debian12Facts} from '../helpers/facts.js';

const parts: readonly ContentPart[] = [
  {material: 'm'},
  {material: 'm', as: 'uri'},
  {secret: {held: 's'}},
  {secret: {held: 's'}, as: 'dovecot-2.4'},
];
const change: Change = {
  id: 'file.write /x',
  sections: ['a'],
  kind: 'file.write',
  path: '/x',
  content: parts,
  secret: true,
  owner: 'root',
  group: 'root',
  mode: 0o600,
};

test('a secret crosses to the worker in each form that it is written in, and one that did not is never empty', t => {
  const run: Run = {
    act: 'apply',
    request: {
      plan: {
        version: 1,
        id: 'x',
        made: '',
        tool: '',
        platform: {id: '', name: '', forced: false},
        sections: [],
        stages: [
          {
            name: 'configuration',
            changes: [
              {
                change,
                preview: {
                  action: 'create',
                  certainty: 'exact',
                  reversible: 'exact',
                  title: {en: '', ja: ''},
                  body: [],
                },
                seen: '',
              },
            ],
          },
        ],
        activations: [],
        edits: {dovecot: [], main: [], master: []},
        effective: [],
        probes: [],
        notes: [],
      },
      facts: debian12Facts(),
      blobs: {get: () => Buffer.alloc(0), put: () => '', has: () => false},
      resolve: content => Buffer.from(JSON.stringify(content)),
      open: () => undefined,
      onUnproved: 'keep',
    },
  };
  const there = unpackJob(JSON.parse(JSON.stringify(packJob(run))));
  t.is(there.act, 'apply');
  if (there.act === 'apply') {
    for (const part of parts) {
      t.is(there.request.resolve([part]).toString(), JSON.stringify([part]));
    }

    t.throws(() => there.request.resolve([{material: 'another'}]));
  }
});
