import test from 'ava';
import {sshConnections} from '../../src/engine/confirm-here.js';
import {machineSystem} from '../../src/system/grounds.js';
import type {Run} from '../../src/system/types.js';
import {debian12Facts} from '../helpers/facts.js';

const said = `0      0      192.0.2.2:22         192.0.2.9:50000
0      36     192.0.2.2:22         192.0.2.9:50001
0      0      192.0.2.2:22         198.51.100.7:40000
0      0      [::ffff:192.0.2.2]:22 [::ffff:192.0.2.9]:50002
0      0      [2001:db8::2]:22     [2001:db8::9]:50003
`;

const seen = async (client: string) => {
  const asked: string[][] = [];
  const run: Run = async (file, args) => {
    asked.push([file, ...args]);
    return {exitCode: 0, stdout: said, stderr: '', timedOut: false, missing: false};
  };
  const facts = debian12Facts();
  const session = {...facts.session, ssh: {client, serverPort: 22}};
  return {found: await sshConnections({...machineSystem(), run}, {session}), asked};
};

test('only connections from where the session comes count, mapped addresses too', async t => {
  const {found, asked} = await seen('192.0.2.9');
  t.deepEqual(asked, [['ss', '-Htn', 'state', 'established', '( sport = :22 )']]);
  t.is(found.size, 3);
  t.false([...found].some(ends => ends.includes('198.51.100.7')));
  t.is((await seen('2001:db8::9')).found.size, 1);
  t.is((await seen('203.0.113.1')).found.size, 0);
});

test('on the console there is none to be seen, so none is called seen', async t => {
  const {ssh: _none, ...session} = debian12Facts().session;
  t.is((await sshConnections(machineSystem(), {session})).size, 0);
});
