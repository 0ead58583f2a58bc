import type {Platform} from '../core/platform.js';
import {debianLike} from './shared.js';

/** Debian 13: Dovecot 2.4.1, Postfix 3.10. Set up, proved and undone on real hosts. */
export const debian13 = {
  ...debianLike,
  id: 'debian13',
  name: 'Debian 13 (trixie)',
  matches: [{id: 'debian', version: '13'}],
  dovecot: '2.4',
  units: {...debianLike.units, postfixLog: 'postfix'},
  evidence: {
    run: 'verified',
    packages: 'verified',
    dovecot: 'verified',
    startsOnInstall: 'verified',
    paths: 'verified',
    units: 'verified',
    postfix: 'verified',
    mailLog: 'verified',
  },
} satisfies Platform;
