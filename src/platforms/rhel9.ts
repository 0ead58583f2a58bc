import type {Platform} from '../core/platform.js';
import {redHatLike} from './shared.js';

/**
 * RHEL 9 and its rebuilds: Dovecot 2.3.16, Postfix 3.5. Set up, proved and undone on a stand-in that has its dnf, its names, its
 * configuration and its packages' scripts, and Debian's programs (test/hosts/stand-in.ts); never on the system itself.
 */
export const rhel9 = {
  ...redHatLike,
  id: 'rhel9',
  name: 'RHEL 9, AlmaLinux 9, Rocky Linux 9',
  matches: [
    {id: 'rhel', version: '9'},
    {id: 'almalinux', version: '9'},
    {id: 'rocky', version: '9'},
    {id: 'centos', version: '9'},
  ],
  dovecot: '2.3',
  evidence: {
    run: 'stand-in',
    packages: 'stand-in',
    dovecot: 'source',
    startsOnInstall: 'stand-in',
    paths: 'stand-in',
    units: 'stand-in',
    postfix: 'stand-in',
    mailLog: 'unchecked',
  },
} satisfies Platform;
