import type {Platform} from '../core/platform.js';
import {redHatLike} from './shared.js';

/** RHEL 10 and its rebuilds: Dovecot 2.3.21 (not 2.4), Postfix 3.8 with lmdb maps only. Read in the packages' sources, not run. */
export const el10 = {
  ...redHatLike,
  id: 'el10',
  name: 'RHEL 10, AlmaLinux 10, Rocky Linux 10',
  matches: [
    {id: 'rhel', version: '10'},
    {id: 'almalinux', version: '10'},
    {id: 'rocky', version: '10'},
    {id: 'centos', version: '10'},
  ],
  dovecot: '2.3',
  evidence: {
    run: 'unchecked',
    packages: 'source',
    dovecot: 'source',
    startsOnInstall: 'source',
    paths: 'unchecked',
    units: 'unchecked',
    postfix: 'unchecked',
    mailLog: 'unchecked',
  },
} satisfies Platform;
