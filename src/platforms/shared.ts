import type {Platform} from '../core/platform.js';

/** What Debian and what comes from it have in common: package names, paths, units. */
export const debianLike = {
  packageManager: 'apt',
  packages: {
    dovecot: ['dovecot-core'],
    'dovecot-imap': ['dovecot-imapd'],
    'dovecot-pop3': ['dovecot-pop3d'],
    'dovecot-lmtp': ['dovecot-lmtpd'],
    'dovecot-sieve': ['dovecot-sieve'],
    'dovecot-managesieve': ['dovecot-managesieved'],
    'dovecot-ldap': ['dovecot-ldap'],
    'dovecot-mysql': ['dovecot-mysql'],
    'dovecot-pgsql': ['dovecot-pgsql'],
    'dovecot-sqlite': ['dovecot-sqlite'],
    postfix: ['postfix'],
    'postfix-ldap': ['postfix-ldap'],
    'postfix-mysql': ['postfix-mysql'],
    'postfix-pgsql': ['postfix-pgsql'],
    'postfix-sqlite': ['postfix-sqlite'],
    'postfix-pcre': ['postfix-pcre'],
    'postfix-lmdb': ['postfix-lmdb'],
    'sasl-mechanisms': ['libsasl2-modules'],
    saslauthd: ['sasl2-bin'],
    firewalld: ['firewalld'],
    certbot: ['certbot'],
    opendkim: ['opendkim'],
    rspamd: ['rspamd'],
    clamav: ['clamav-daemon', 'clamav-milter', 'clamav-freshclam'],
    // The journal and nftables are recommended only: without them it does not start, or bans nobody.
    fail2ban: ['fail2ban', 'python3-systemd', 'nftables'],
    // semanage looks protocols up in netbase's file.
    semanage: ['policycoreutils-python-utils', 'selinux-utils', 'netbase'],
  },
  startsOnInstall: true,
  paths: {
    certificates: '/etc/ssl/dovetail',
    caBundle: '/etc/ssl/certs/ca-certificates.crt',
    dovecotPam: '/etc/pam.d/dovecot',
    nologin: '/usr/sbin/nologin',
  },
  units: {dovecot: 'dovecot.service', postfix: 'postfix.service', postfixLog: 'postfix@-'},
  certbotTimer: 'certbot.timer',
  postfix: {
    chroot: 'y',
    tlsService: 'submissions',
    originFile: '/etc/mailname',
    sasl: {config: '/etc/postfix/sasl/smtpd.conf', pam: '/etc/pam.d/smtp'},
  },
  mailLog: 'journal',
  // It switches itself on, and Dovecot then takes 587 (2.4: 465 too) away from Postfix.
  avoid: ['dovecot-submissiond'],
} satisfies Partial<Platform>;

/** What the RHEL family and Fedora have in common. Dovecot is one package there, with LDAP and SQLite inside. */
export const redHatLike = {
  packageManager: 'dnf',
  packages: {
    dovecot: ['dovecot'],
    'dovecot-imap': ['dovecot'],
    'dovecot-pop3': ['dovecot'],
    'dovecot-lmtp': ['dovecot'],
    'dovecot-sieve': ['dovecot-pigeonhole'],
    'dovecot-managesieve': ['dovecot-pigeonhole'],
    'dovecot-ldap': ['dovecot'],
    'dovecot-mysql': ['dovecot-mysql'],
    'dovecot-pgsql': ['dovecot-pgsql'],
    'dovecot-sqlite': ['dovecot'],
    postfix: ['postfix'],
    'postfix-ldap': ['postfix-ldap'],
    'postfix-mysql': ['postfix-mysql'],
    'postfix-pgsql': ['postfix-pgsql'],
    'postfix-sqlite': ['postfix-sqlite'],
    'postfix-pcre': ['postfix-pcre'],
    'postfix-lmdb': ['postfix-lmdb'],
    'sasl-mechanisms': ['cyrus-sasl-plain'],
    saslauthd: ['cyrus-sasl'],
    firewalld: ['firewalld'],
    semanage: ['policycoreutils-python-utils', 'libselinux-utils'],
  },
  startsOnInstall: false,
  paths: {
    certificates: '/etc/pki/dovetail',
    caBundle: '/etc/pki/tls/certs/ca-bundle.crt',
    dovecotPam: '/etc/pam.d/dovecot',
    nologin: '/sbin/nologin',
  },
  mta: '/usr/sbin/sendmail.postfix',
  units: {dovecot: 'dovecot.service', postfix: 'postfix.service', postfixLog: 'postfix'},
  postfix: {
    chroot: 'n',
    tlsService: 'smtps',
    // The stack is a common name (alternatives(8)); this is what it leads to.
    sasl: {config: '/etc/sasl2/smtpd.conf', pam: '/etc/pam.d/smtp.postfix', unit: 'saslauthd.service'},
  },
  mailLog: '/var/log/maillog',
  avoid: [],
} satisfies Partial<Platform>;
