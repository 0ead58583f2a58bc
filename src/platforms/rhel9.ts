import type {Platform} from '../core/platform.js';
import {redHatLike} from './shared.js';

/** RHEL 9 and its rebuilds: Dovecot 2.3.16, Postfix 3.5. Read in the packages' sources, not run. */
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
    run: 'unchecked',
    packages: 'source',
    dovecot: 'source',
    startsOnInstall: 'source',
    paths: 'source',
    units: 'source',
    mailLog: 'unchecked',
  },
} satisfies Platform;
