import type {Platform} from '../core/platform.js';

/** Debian 12, bookworm: the facts were executed and observed. */
const debian12: Platform = {
  id: 'debian12',
  name: 'Debian 12 (bookworm)',
  matches: [{id: 'debian', version: '12'}],
  packageManager: 'apt',
  packages: {
    dovecot: ['dovecot-core'],
    'dovecot-imap': ['dovecot-imapd'],
    'dovecot-pop3': ['dovecot-pop3d'],
    'dovecot-lmtp': ['dovecot-lmtpd'],
    'dovecot-sieve': ['dovecot-sieve'],
    postfix: ['postfix'],
    'sasl-mechanisms': ['libsasl2-modules'],
  },
  dovecot: '2.3',
  startsOnInstall: true,
  paths: {
    certificates: '/etc/ssl/dovetail',
    keys: '/etc/ssl/dovetail',
    caBundle: '/etc/ssl/certs/ca-certificates.crt',
    dovecotPam: '/etc/pam.d/dovecot',
    nologin: '/usr/sbin/nologin',
  },
  units: {dovecot: 'dovecot.service', postfix: 'postfix.service'},
  mailLog: 'journal',
  avoid: ['dovecot-submissiond'],
  evidence: 'verified',
};

/** Platforms that dovetail knows. */
export const platforms: readonly Platform[] = [debian12];

/** The platform of an os-release(5) ID and VERSION_ID, or the one that was named. */
export const platformOf = (
  os: {readonly id: string; readonly versionId: string},
  named?: string,
): Platform | undefined =>
  named === undefined
    ? platforms.find(({matches}) =>
        matches.some(({id, version}) => id === os.id && os.versionId.split('.')[0] === version),
      )
    : platforms.find(({id}) => id === named);
