import type {Facts, MasterFact, PostfixFacts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import {debian12} from '../../src/platforms/debian12.js';
import {debian13} from '../../src/platforms/debian13.js';
import {rhel9} from '../../src/platforms/rhel9.js';

/** Debian 12 as the packages leave it, Dovecot and Postfix installed and nothing configured. */
export const debian12Facts = (over: Partial<Facts> = {}): Facts => ({
  ...bare,
  dovecot: {version: '2.3.19.1', dialect: '2.3', root: '/etc/dovecot/dovecot.conf'},
  postfix: debian12Postfix(),
  ...over,
});

/** A machine of the RHEL 9 family in the same state. */
export const el9Facts = (over: Partial<Facts> = {}): Facts => ({
  ...bare,
  os: {id: 'almalinux', versionId: '9.4', name: 'AlmaLinux 9.4'},
  platformId: 'rhel9',
  dovecot: {version: '2.3.16', dialect: '2.3', root: '/etc/dovecot/dovecot.conf'},
  postfix: el9Postfix(),
  ...over,
});

export const debian12Postfix = (
  settings: Readonly<Record<string, string>> = {},
  services: readonly MasterFact[] = [smtpd('smtp', 'y')],
): PostfixFacts => ({
  version: '3.7.11',
  directory: '/etc/postfix',
  settings: {
    smtpd_banner: '$myhostname ESMTP $mail_name (Debian/GNU)',
    smtpd_tls_cert_file: '/etc/ssl/certs/ssl-cert-snakeoil.pem',
    smtpd_tls_key_file: '/etc/ssl/private/ssl-cert-snakeoil.key',
    smtpd_tls_security_level: 'may',
    smtp_tls_CApath: '/etc/ssl/certs',
    smtp_tls_security_level: 'may',
    smtpd_relay_restrictions: 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination',
    myhostname: 'mail',
    alias_maps: 'hash:/etc/aliases',
    alias_database: 'hash:/etc/aliases',
    myorigin: '/etc/mailname',
    mydestination: '$myhostname, mail.example.com, localhost.example.com, localhost',
    relayhost: '',
    mynetworks: '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128',
    mailbox_size_limit: '0',
    recipient_delimiter: '+',
    inet_interfaces: 'all',
    inet_protocols: 'all',
    ...settings,
  },
  defaults: {smtpd_forbid_bare_newline: 'no', message_size_limit: '10240000'},
  services,
  mapType: 'hash',
  mapTypes: ['btree', 'cidr', 'hash', 'regexp', 'texthash'],
  queueDirectory: '/var/spool/postfix',
});

export const el9Postfix = (settings: Readonly<Record<string, string>> = {}): PostfixFacts => ({
  version: '3.5.9',
  directory: '/etc/postfix',
  settings: {
    inet_interfaces: 'localhost',
    inet_protocols: 'all',
    mydestination: '$myhostname, localhost.$mydomain, localhost',
    alias_maps: 'hash:/etc/aliases',
    alias_database: 'hash:/etc/aliases',
    smtpd_tls_cert_file: '/etc/pki/tls/certs/postfix.pem',
    smtpd_tls_key_file: '/etc/pki/tls/private/postfix.key',
    smtpd_tls_security_level: 'may',
    smtp_tls_CAfile: '/etc/pki/tls/certs/ca-bundle.crt',
    smtp_tls_security_level: 'may',
    ...settings,
  },
  defaults: {message_size_limit: '10240000'},
  services: [smtpd('smtp', 'n')],
  mapType: 'hash',
  mapTypes: ['btree', 'hash', 'regexp'],
  queueDirectory: '/var/spool/postfix',
});

/** An inet entry of master.cf that runs smtpd. */
export const smtpd = (
  name: string,
  chroot: string,
  options: Readonly<Record<string, string>> = {},
): MasterFact => ({
  name,
  type: 'inet',
  columns: {private: 'n', unpriv: '-', chroot, wakeup: '-', maxproc: '-', command: 'smtpd'},
  options,
});

export const debian12Platform: Platform = debian12;
export const debian13Platform: Platform = debian13;
export const el9Platform: Platform = rhel9;

/** Answers of a first complete server: one domain, one account in a list on the machine. */
export const completeAnswers = (over: AllAnswers = {}): AllAnswers => ({
  role: {kind: 'complete', hostname: 'mail.example.com', domains: ['example.com']},
  auth: {backends: ['passwd-file']},
  'auth-passwdfile': {accounts: [{name: 'anna@example.com', password: {held: 'a1'}}]},
  tls: {source: 'self-signed'},
  protocols: {services: ['imap'], ports: 'tls-only'},
  ...over,
});

const bare: Facts = {
  ground: 'machine',
  os: {id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)'},
  platformId: 'debian12',
  root: true,
  session: {user: 'admin'},
  host: {
    name: 'mail',
    fqdn: 'mail.example.com',
    addresses: ['10.7.0.2'],
    networks: ['10.7.0.0/24'],
    reverse: {},
  },
  dns: {works: true, mx: {}, forward: {}},
  packages: {},
  configured: {dovecot: false, postfix: false},
  files: {},
  paths: {},
  users: [],
  groups: [],
  units: {},
  listeners: [],
  otherMtas: [],
  firewall: {
    backend: 'none',
    active: false,
    permanent: {services: [], ports: [], richRules: []},
    runtime: {services: [], ports: [], richRules: []},
  },
  selinux: 'disabled',
  apparmor: false,
  fips: false,
  memoryMiB: 2048,
  freeMiB: {},
  owners: [],
  findings: [],
};
