import test from 'ava';
import type {Facts} from '../../../src/core/facts.js';
import {nologinProblem} from '../../../steps/lib/nologin.js';
import {completeAnswers, debian12Facts} from '../../helpers/facts.js';
import {refusal, wantsOf} from '../../helpers/sections.js';

const user = (name: string, uid: number, shell = '/bin/bash') => ({
  name,
  uid,
  gid: uid,
  home: `/home/${name}`,
  shell,
});
const facts: Facts = debian12Facts({
  session: {user: 'me'},
  users: [
    user('root', 0),
    user('postfix', 101),
    user('nobody', 65_534),
    user('me', 1000),
    user('boss', 1001),
    user('chief', 1002),
    user('keyed', 1003),
    user('cronned', 1004),
    user('busy', 1005),
    user('anna', 1006),
    user('bob', 1007, '/usr/sbin/nologin'),
  ],
  groups: [
    {name: 'sudo', gid: 27, members: ['boss']},
    {name: 'wheel', gid: 1002, members: []},
  ],
  inUse: {keyed: ['keys'], cronned: ['jobs'], busy: ['processes'], bob: ['processes']},
});

test('only an account that is used for mail alone may lose its shell', t => {
  for (const name of [
    'root',
    'postfix',
    'nobody',
    'me',
    'boss',
    'chief',
    'keyed',
    'cronned',
    'busy',
    'ghost',
    '',
  ]) {
    t.truthy(nologinProblem(name, facts), name);
    t.truthy(refusal('hardening', 'nologin_accounts', [name], {facts}), name);
  }

  t.is(nologinProblem('anna', facts), undefined);
  t.is(refusal('hardening', 'nologin_accounts', ['anna'], {facts}), undefined);
});

test('an account that has no shell already may be named again', t => {
  t.is(refusal('hardening', 'nologin_accounts', ['bob'], {facts}), undefined);
});

test('accounts that are named get the distribution’s nologin shell, nobody else', t => {
  const answers = completeAnswers({hardening: {nologin_accounts: ['anna']}});
  t.deepEqual(
    wantsOf('hardening', {facts, answers}).filter(want => want.kind === 'shell'),
    [{kind: 'shell', user: 'anna', shell: '/usr/sbin/nologin', state: 'present'}],
  );
  t.deepEqual(
    wantsOf('hardening', {facts}).filter(want => want.kind === 'shell'),
    [],
  );
});
