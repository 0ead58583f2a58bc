import test from 'ava';
import type {Change} from '../../src/core/change.js';
import type {Plan} from '../../src/core/plan.js';
import {activationsOf} from '../../src/planner/activations.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';

const unit = {enabled: true, active: true, exists: true};
const facts = debian12Facts({units: {'dovecot.service': unit, 'postfix.service': unit}});
const edited = (family: 'dovecot' | 'main.cf', path: string): Change => ({
  id: `config.edit ${path}`,
  sections: ['protocols'],
  kind: 'config.edit',
  family,
  path,
  before: null,
  after: 'a',
  keepOwnership: true,
});
const dovecot = edited('dovecot', '/etc/dovecot/dovecot.conf');
const setting = (key: string, ...at: readonly string[]): Plan['edits'] => ({
  dovecot: [
    {section: 'protocols', edit: {op: 'set', at: at.map(type => ({type})), key, value: '192.0.2.10'}},
  ],
  main: [],
  master: [],
});
const acts = (changes: readonly Change[], edits: Plan['edits']) =>
  activationsOf(changes, edits, facts, debian12Platform).map(({unit: name, act}) => `${act} ${name}`);

test('Dovecot is restarted where it is to listen on other addresses, and reloaded for all else', t => {
  t.deepEqual(acts([dovecot], setting('listen')), ['restart dovecot.service']);
  t.deepEqual(acts([dovecot], setting('ssl')), ['reload dovecot.service']);
  // The `listen` of one listener in 2.4 is another setting.
  t.deepEqual(acts([dovecot], setting('listen', 'service', 'inet_listener')), ['reload dovecot.service']);
  t.deepEqual(acts([edited('main.cf', '/etc/postfix/main.cf')], setting('listen')), [
    'reload postfix.service',
  ]);
});
