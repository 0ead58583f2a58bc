import test from 'ava';
import {usersHere, withOthers} from '../../src/detect/users.js';
import {withNamedUsers} from '../../src/engine/named-users.js';
import type {Host, RunResult, System} from '../../src/system/types.js';
import {completeAnswers, debian12Facts} from '../helpers/facts.js';

const own = [
  {name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash'},
  {name: 'karl', uid: 1000, gid: 1000, home: '/home/karl', shell: '/bin/bash'},
];
const line = (name: string, uid: number) => `${name}:*:${uid}:${uid}:${name}:/home/${name}:/bin/bash\n`;
const passwd = `root:x:0:0:root:/root:/bin/bash\n${line('karl', 1000)}`;

/** A machine whose directory knows people by name, and lists those that it lists. */
const machine = (
  known: Readonly<Record<string, number>>,
  lists: readonly string[],
  result: Partial<RunResult> = {},
) => {
  const asked: (readonly string[])[] = [];
  const host = {
    ground: 'machine',
    files: {
      list: (path: string) =>
        ({'/home': ['john', 'karl', 'lost+found', '1000'], '/var/mail': ['mary']})[path],
    },
    run: async (_file: string, args: readonly string[]) => {
      const names = args.slice(2);
      asked.push(names);
      const found = (names.length === 0 ? lists : names).flatMap(name =>
        known[name] === undefined ? [] : [line(name, known[name])],
      );
      const stdout = (names.length === 0 ? passwd : '') + found.join('');
      return {
        exitCode: found.length < names.length ? 2 : 0,
        stdout,
        stderr: '',
        timedOut: false,
        missing: false,
        ...result,
      };
    },
  } as unknown as Host & System;
  return {host, asked};
};
const people = {john: 1_234_600_500, mary: 1_234_600_501, eve: 1_234_600_502};

test('a directory that lists nobody is asked for those who have a home or mail here', async t => {
  const {host, asked} = machine(people, []);
  const {users, findings} = await usersHere(host, own, ['root']);
  t.deepEqual(
    users.map(({name, uid, elsewhere}) => [name, uid, elsewhere]),
    [
      ['root', 0, undefined],
      ['karl', 1000, undefined],
      ['john', 1_234_600_500, true],
      ['mary', 1_234_600_501, true],
    ],
  );
  t.deepEqual(asked, [[], ['john', 'mary']]);
  t.deepEqual(findings, []);
});

test('one that lists them is believed, and a name that passwd(5) has too is passwd’s', async t => {
  const {host} = machine({...people, karl: 5000}, ['eve', 'karl']);
  const {users} = await usersHere(host, own, []);
  t.deepEqual(
    users.map(({name, uid}) => `${name} ${uid}`),
    ['root 0', 'karl 1000', 'eve 1234600502', 'john 1234600500', 'mary 1234600501'],
  );
  t.deepEqual(withOthers(own, [own[1] as (typeof own)[0]]), own);
});

test('a directory that does not answer is said, and the machine’s own users are known', async t => {
  const {host} = machine(people, [], {exitCode: null, timedOut: true, stdout: ''});
  const {users, findings} = await usersHere(host, own, []);
  t.deepEqual(users, own);
  t.like(findings, [{id: 'detect:users', severity: 'unchecked'}]);
});

test('an account that answers name is asked for before one is made; on a tree nobody is asked', async t => {
  const answers = completeAnswers({
    auth: {backends: ['pam']},
    'auth-pam': {
      accounts: [
        {name: 'eve', password: 'keep'},
        {name: 'new', password: {held: 'n'}},
      ],
    },
  });
  const facts = debian12Facts({users: own});
  const {host, asked} = machine(people, []);
  const found = await withNamedUsers(host, facts, answers);
  t.deepEqual(asked, [['eve', 'new', 'vmail']]);
  t.deepEqual(
    found.users.map(({name}) => name),
    ['root', 'karl', 'eve'],
  );
  const tree = machine(people, []);
  t.is(await withNamedUsers({...tree.host, ground: 'directory'}, facts, answers), facts);
  t.deepEqual(tree.asked, []);
});
