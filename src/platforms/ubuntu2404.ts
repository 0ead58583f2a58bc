import type {Platform} from '../core/platform.js';
import {debianLike} from './shared.js';

/** Ubuntu 24.04: Dovecot 2.3.21, Postfix 3.8.6. Taken to be as Debian; nothing was run on it. */
export const ubuntu2404 = {
  ...debianLike,
  id: 'ubuntu24.04',
  name: 'Ubuntu 24.04',
  matches: [{id: 'ubuntu', version: '24.04'}],
  dovecot: '2.3',
  // rsyslog is part of a default installation.
  mailLog: '/var/log/mail.log',
  evidence: {
    run: 'unchecked',
    packages: 'unchecked',
    dovecot: 'unchecked',
    startsOnInstall: 'unchecked',
    paths: 'unchecked',
    units: 'unchecked',
    postfix: 'unchecked',
    mailLog: 'unchecked',
  },
} satisfies Platform;
