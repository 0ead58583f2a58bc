import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {apt} from '../../src/system/apt.js';
import {directorySystem} from '../../src/system/grounds.js';
import {dropChrootCopies} from '../../src/system/runtime-files.js';

// As invoke-rc.d(8) and deb-systemd-invoke(1) ask: 0 is yes, 101 no (policy-rc.d, Debian's invoke-rc.d documentation).
const asks = (script: string, ...args: readonly string[]) =>
  spawnSync('/bin/sh', ['-s', '--', ...args], {input: script}).status;

test('while packages go, only what is theirs may be stopped, and nothing is started', t => {
  const script = apt.guard?.going(['rspamd.service', 'postfix.service', 'a;exit 0;.service']) ?? '';
  t.is(asks(script, 'rspamd', 'stop'), 0);
  t.is(asks(script, '--quiet', 'rspamd', 'stop', '2'), 0);
  t.is(asks(script, 'postfix@-.service', 'stop'), 0);
  t.is(asks(script, 'postfix.service', 'stop'), 0);
  t.is(asks(script, 'dovecot', 'stop'), 101);
  t.is(asks(script, 'dovecot.socket', 'stop'), 101);
  t.is(asks(script, 'postfixadmin', 'stop'), 101);
  t.is(asks(script, 'rspamd', 'restart'), 101);
  t.is(asks(script, 'rspamd', 'start'), 101);
  t.is(asks(apt.guard?.going([]) ?? '', 'rspamd', 'stop'), 101);
});

test('answers that somebody gave before are told from those of nobody', t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'var/cache/debconf'), {recursive: true});
  writeFileSync(
    join(root, 'var/cache/debconf/config.dat'),
    'Name: postfix/mailname\nOwners: postfix\n\nName: a/b\nOwners: a, shared\n\n',
  );
  const {files} = directorySystem(root);
  t.deepEqual(apt.answered?.(files, ['postfix', 'shared', 'dovecot-core']), ['postfix', 'shared']);
  rmSync(root, {recursive: true});
});

test('a copy in the chroot goes with what it was made of; others stay', t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'var/spool/postfix/etc'), {recursive: true});
  mkdirSync(join(root, 'etc'));
  for (const name of ['localtime', 'hosts', 'services']) {
    writeFileSync(join(root, 'var/spool/postfix/etc', name), name);
  }

  writeFileSync(join(root, 'etc/hosts'), 'hosts');
  const dropped: string[] = [];
  dropChrootCopies(
    directorySystem(root).files,
    path => path.endsWith('services'),
    path => dropped.push(path),
  );
  t.deepEqual(dropped, ['/var/spool/postfix/etc/localtime']);
  rmSync(root, {recursive: true});
});
