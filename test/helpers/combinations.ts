import type {AllAnswers} from '../../src/core/question.js';
import {completeAnswers} from './facts.js';

const server = {
  host: 'db.example.com',
  ca: '/etc/ssl/certs/ca-certificates.crt',
  database: 'mail',
  user: 'dovecot',
  password: {held: 'd'},
  sample: '',
};

const directory = {
  servers: ['ldaps://ldap.example.com'],
  ca: '/etc/ssl/certs/ca-certificates.crt',
  base: 'ou=people,dc=example,dc=com',
  bind_dn: 'cn=mail,dc=example,dc=com',
  bind_password: {held: 'b'},
  sample: '',
};

type Backend = {
  /** Answers of the sections about accounts. */
  readonly answers: AllAnswers;
  /** Drivers of the databases that people are looked up in, in the order in which they are asked. */
  readonly passdbs: readonly string[];
  readonly userdbs: readonly string[];
};

const list = {accounts: [{name: 'anna@example.com', password: {held: 'a1'}}]};
const sql = (own: Readonly<Record<string, unknown>>, backends: readonly string[] = ['sql']) => ({
  auth: {backends},
  'auth-sql': own,
  'auth-passwdfile': backends.includes('passwd-file') ? list : {},
});

/** Every place that accounts can live in, and what may stand beside one another. */
const backends = {
  'a list': {answers: {}, passdbs: ['passwd-file'], userdbs: ['passwd-file']},
  'users of the machine': {
    answers: {
      auth: {backends: ['pam']},
      'auth-pam': {accounts: [{name: 'bert', password: {held: 'b1'}}]},
      'auth-passwdfile': {},
    },
    passdbs: ['pam'],
    userdbs: ['passwd'],
  },
  'a directory': {
    answers: {auth: {backends: ['ldap']}, 'auth-ldap': directory, 'auth-passwdfile': {}},
    passdbs: ['ldap'],
    userdbs: ['ldap'],
  },
  'a directory, by names that are built': {
    answers: {
      auth: {backends: ['ldap']},
      'auth-ldap': {
        ...directory,
        bind_dn: '',
        way: 'template',
        template: 'uid={name},ou=people,dc=example,dc=com',
      },
      'auth-passwdfile': {},
    },
    passdbs: ['ldap'],
    userdbs: ['static'],
  },
  'Active Directory': {
    answers: {
      auth: {backends: ['ldap']},
      'auth-ldap': {...directory, shape: 'active-directory', base: 'dc=example,dc=com'},
      'auth-passwdfile': {},
    },
    passdbs: ['ldap'],
    userdbs: ['ldap'],
  },
  MariaDB: {answers: sql({...server, engine: 'mysql'}), passdbs: ['sql'], userdbs: ['sql']},
  PostgreSQL: {answers: sql({...server, engine: 'pgsql'}), passdbs: ['sql'], userdbs: ['sql']},
  SQLite: {
    answers: sql({engine: 'sqlite', file: '/var/lib/mail-accounts/users.sqlite', sample: ''}),
    passdbs: ['sql'],
    userdbs: ['sql'],
  },
  'a list and users of the machine': {
    answers: {
      auth: {backends: ['passwd-file', 'pam']},
      'auth-pam': {accounts: [{name: 'bert', password: {held: 'b1'}}]},
    },
    passdbs: ['passwd-file', 'pam'],
    userdbs: ['passwd-file', 'passwd'],
  },
  'a list and a directory': {
    answers: {auth: {backends: ['passwd-file', 'ldap']}, 'auth-ldap': directory},
    passdbs: ['passwd-file', 'ldap'],
    userdbs: ['passwd-file', 'ldap'],
  },
  'a list and a database': {
    answers: sql({...server, engine: 'mysql'}, ['passwd-file', 'sql']),
    passdbs: ['passwd-file', 'sql'],
    userdbs: ['passwd-file', 'sql'],
  },
} as const satisfies Readonly<Record<string, Backend>>;

/** A way to keep accounts with a set of protocols and a format of mailboxes. */
export type Combination = {
  readonly backend: keyof typeof backends;
  /** IMAP is always there: the proof reads the test message with it. */
  readonly services: readonly ('imap' | 'pop3')[];
  readonly ports: 'tls-only' | 'tls-and-starttls';
  readonly format: 'maildir' | 'sdbox' | 'mdbox' | 'mbox';
};

/** All of them. */
export const combinations: readonly Combination[] = (
  Object.keys(backends) as readonly Combination['backend'][]
).flatMap(backend =>
  ([['imap'], ['imap', 'pop3']] as const).flatMap(services =>
    (['tls-only', 'tls-and-starttls'] as const).flatMap(ports =>
      (['maildir', 'sdbox', 'mdbox', 'mbox'] as const).map(format => ({backend, services, ports, format})),
    ),
  ),
);

export const nameOf = ({backend, services, ports, format}: Combination) =>
  `${backend}, ${services.join('+')}, ${ports}, ${format}`;

/** Answers of one, as a person would write them into a file. */
export const answersFor = ({backend, services, ports, format}: Combination): AllAnswers =>
  completeAnswers({
    ...backends[backend].answers,
    protocols: {services, ports},
    storage: {format},
    smtp: {admin: 'anna@example.com'},
  });

/** Which databases are asked in one of them. */
export const databasesOf = ({backend}: Combination): Omit<Backend, 'answers'> => backends[backend];
