import type {Platform} from '../core/platform.js';
import {redHatLike} from './shared.js';

/** Fedora 44: Dovecot 2.4.2 without a split conf.d. Read in the package's spec, not run. */
export const fedora44 = {
  ...redHatLike,
  id: 'fedora44',
  name: 'Fedora 44',
  matches: [{id: 'fedora', version: '44'}],
  foreign: 'dnf5',
  dovecot: '2.4',
  evidence: {
    run: 'unchecked',
    packages: 'source',
    dovecot: 'source',
    startsOnInstall: 'unchecked',
    paths: 'unchecked',
    units: 'unchecked',
    postfix: 'unchecked',
    mailLog: 'unchecked',
  },
} satisfies Platform;
