import type {Platform} from '../core/platform.js';
import {debianLike} from './shared.js';

/** Debian 12: Dovecot 2.3.19.1, Postfix 3.7.11. Set up, proved and undone on real hosts. */
export const debian12 = {
  ...debianLike,
  id: 'debian12',
  name: 'Debian 12 (bookworm)',
  matches: [{id: 'debian', version: '12'}],
  dovecot: '2.3',
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
