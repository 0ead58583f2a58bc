import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {createEngine} from '../../src/engine/create.js';
import {createVault} from '../../src/engine/vault.js';
import {directorySystem} from '../../src/system/grounds.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';

test('after a recovery the machine is looked at anew, and only then', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'dovetail-engine-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const dovecot = {version: '2.3.19.1', dialect: '2.3', root: '/etc/dovecot/dovecot.conf'} as const;
  const {dovecot: _none, ...bare} = debian12Facts();
  let looks = 0;
  const engine = createEngine(
    {
      system: directorySystem(folder),
      facts: {...bare, root: true, dovecot},
      platform: debian12Platform,
      vault: createVault(() => 'id'),
    },
    () => ({
      outcome: Promise.resolve('rolled-back'),
      interrupt: () => undefined,
      detach: () => undefined,
      outlives: true,
    }),
    async () => {
      looks += 1;
      return {...bare, root: true};
    },
  );
  t.is((await engine.detect()).facts.dovecot?.version, '2.3.19.1');
  t.is(looks, 0);
  await engine.recover(() => undefined);
  t.is((await engine.detect()).facts.dovecot, undefined);
  await engine.detect();
  t.is(looks, 1);
});
