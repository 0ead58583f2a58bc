import type {Platform} from '../core/platform.js';
import {debianLike} from './shared.js';

/** Ubuntu 22.04: Dovecot 2.3.16, Postfix 3.6.4. Taken to be as Debian; nothing was run on it. */
export const ubuntu2204 = {
  ...debianLike,
  id: 'ubuntu22.04',
  name: 'Ubuntu 22.04',
  matches: [{id: 'ubuntu', version: '22.04'}],
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
