import test from 'ava';
import {canCutOff, goesBack} from '../../src/core/cut-off.js';
import type {Change, FirewallItem} from '../../src/core/change.js';

const own = {id: 'x', sections: ['s']};
const unit = (name: string): Change => ({
  ...own,
  kind: 'service.state',
  unit: name,
  enabled: true,
  active: true,
});
const closed = (item: FirewallItem): Change => ({
  ...own,
  kind: 'firewall.item',
  backend: 'firewalld',
  zone: 'public',
  item,
  state: 'absent',
});
const gone = (path: string): Change => ({...own, kind: 'file.delete', path});

test('a firewall that is switched, and what every login goes through, can cut a session off', t => {
  for (const name of ['firewalld', 'ufw.service', 'nftables.service']) {
    t.true(canCutOff(unit(name)), name);
  }

  for (const path of [
    '/etc/pam.d/common-auth',
    '/etc/pam.d/system-auth',
    '/etc/nsswitch.conf',
    '/etc/firewalld/zones/public.xml',
  ]) {
    t.true(canCutOff(gone(path)), path);
  }

  t.false(canCutOff(unit('dovecot.service')));
  t.false(canCutOff(gone('/etc/pam.d/dovecot')));
});

test('a port that is closed counts where the session came in by it', t => {
  t.true(canCutOff(closed({type: 'port', port: 22, protocol: 'tcp'})));
  t.true(canCutOff(closed({type: 'port', port: 995, protocol: 'tcp'}), 995));
  t.true(canCutOff(closed({type: 'service', name: 'ssh'})));
  t.false(canCutOff(closed({type: 'port', port: 995, protocol: 'tcp'}), 22));
  t.false(canCutOff({...closed({type: 'service', name: 'ssh'}), state: 'present'} as Change));
});

test('a switch of SELinux counts where logins depend on it', t => {
  const boolean = (name: string): Change => ({
    ...own,
    kind: 'selinux.boolean',
    name,
    value: false,
    lasting: true,
  });
  t.true(canCutOff(boolean('ssh_sysadm_login')));
  t.true(canCutOff(boolean('use_nfs_home_dirs')));
  t.false(canCutOff(boolean('nis_enabled')));
  t.true(goesBack(boolean('nis_enabled'), 'whole'));
});

test('of a whole change, packages, accounts and lists of people never go back by themselves', t => {
  const user: Change = {...own, kind: 'user.shell', name: 'anna', shell: '/bin/sh'};
  const map: Change = {...own, kind: 'map.compile', source: '/etc/postfix/vmailbox', type: 'hash'};
  t.false(goesBack(user, 'whole'));
  t.false(goesBack(map, 'whole'));
  t.true(goesBack(unit('dovecot.service'), 'whole'));
  t.false(goesBack(unit('dovecot.service'), 'cut-off'));
});
