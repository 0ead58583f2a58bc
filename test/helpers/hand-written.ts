import type {Facts} from '../../src/core/facts.js';
import {type Stock, stocks} from './stock.js';

/** A server that somebody wrote by hand, and what its accounts come to as answers. */
export type HandWritten = {
  readonly name: string;
  readonly stock: Stock;
  readonly section: 'auth-ldap' | 'auth-sql';
  readonly answers: Readonly<Record<string, unknown>>;
};

const ldap23 = `# Our directory. Ask Kim before you change anything here.
hosts = ldap1.example.com ldap2.example.com:1389
dn = cn=dovecot,ou=services,dc=example,dc=com   # not the admin
dnpass = "s3cr#t \\"quoted\\""
tls = yes
tls_ca_cert_file = /etc/ssl/certs/company.pem
tls_require_cert = demand
#ldap_version = 3
auth_bind = yes
base = ou=people,dc=example,dc=com
scope = onelevel

# Only people who have mail.
pass_attrs = mail=user
pass_filter = (&(objectClass=inetOrgPerson)(mail=%u))
user_attrs = \\
  =home=/var/vmail/%d/%n, \\
  =uid=vmail,=gid=vmail
user_filter = (&(objectClass=inetOrgPerson)(mail=%u))
iterate_attrs = mail=user
iterate_filter = (objectClass=inetOrgPerson)
`;

const template23 = `uris = ldaps://ldap.example.com
auth_bind = yes
# Everybody is in one place.
auth_bind_userdn = uid=%n,ou=people,dc=example,dc=com
base = dc=example,dc=com
tls_ca_cert_file = /etc/ssl/certs/ca-certificates.crt
`;

const ldap24 = `# Our directory. Ask Kim before you change anything here.
ldap_uris = ldap://ldap.example.com
ldap_starttls = yes
ldap_auth_dn = cn=dovecot,ou=services,dc=example,dc=com
ldap_auth_dn_password = s3cret
ldap_base = ou=people,dc=example,dc=com
ssl_client_ca_file = /etc/ssl/certs/company.pem

passdb ldap {
  # Only people who have mail.
  ldap_filter = (&(objectClass=inetOrgPerson)(mail=%{user}))
  ldap_bind = yes
}

userdb static {
  fields {
    uid = vmail
    gid = vmail
    home = /var/vmail/%{user | domain}/%{user | username}
  }
}
`;

const sql23 = `# The web shop keeps the accounts.
driver = mysql
connect = host=db.example.com dbname=shop user=mailreader password=s3cret ssl_ca=/etc/ssl/certs/company.pem
default_pass_scheme = SHA512-CRYPT

# People log in with their address.
password_query = SELECT password FROM customers WHERE email = '%u' AND active = 1
user_query = SELECT 'vmail' AS uid, 'vmail' AS gid FROM customers WHERE email = '%u'
iterate_query = SELECT email AS user FROM customers
`;

const sql24 = `# The web shop keeps the accounts.
sql_driver = pgsql
pgsql db.example.com {
  parameters {
    dbname = shop
    user = mailreader
    password = s3cret
    sslmode = verify-full
    sslrootcert = /etc/ssl/certs/company.pem
  }
}

passdb sql {
  # People log in with their address.
  query = SELECT email AS user, pw AS password FROM public.customers WHERE email = '%{user}'
  default_password_scheme = BLF-CRYPT
}
userdb sql {
  query = SELECT email AS user FROM public.customers WHERE email = '%{user}'
  iterate_query = SELECT email AS user FROM public.customers
}
`;

const included = (kind: 'ldap' | 'sql') =>
  `passdb {\n  driver = ${kind}\n  args = /etc/dovecot/dovecot-${kind}.conf.ext\n}\n# Mail belongs to one user.\nuserdb {\n  driver = static\n  args = uid=vmail gid=vmail home=/var/vmail/%d/%n\n}\n`;

const base = (name: string): Stock => {
  const found = stocks().there.find(stock => stock.name === name);
  if (found === undefined) {
    throw new Error(name);
  }

  return found;
};

/** A stock tree in which accounts are somebody else's own work. */
const written = (name: string, files: Readonly<Record<string, string>>, kind: 'ldap' | 'sql'): Stock => {
  const stock = base(name);
  const logging = '/etc/dovecot/conf.d/10-auth.conf';
  const facts: Facts = {
    ...stock.facts,
    configured: {dovecot: true, postfix: true},
    files: {
      ...stock.facts.files,
      [logging]: `${(stock.facts.files[logging] ?? '').replace(/^(!include auth-system.*)$/m, '#$1')}!include auth-${kind}.conf.ext\n`,
      ...files,
    },
  };
  return {...stock, facts};
};

/** Hand-written servers of both dialects, with both kinds of back ends. */
export const handWritten: readonly HandWritten[] = [
  {
    name: 'a directory, 2.3',
    stock: written(
      'own-el9',
      {
        '/etc/dovecot/conf.d/auth-ldap.conf.ext': included('ldap'),
        '/etc/dovecot/dovecot-ldap.conf.ext': ldap23,
      },
      'ldap',
    ),
    section: 'auth-ldap',
    answers: {
      servers: ['ldap://ldap1.example.com', 'ldap://ldap2.example.com:1389'],
      starttls: true,
      ca: '/etc/ssl/certs/company.pem',
      base: 'ou=people,dc=example,dc=com',
      scope: 'onelevel',
      bind_dn: 'cn=dovecot,ou=services,dc=example,dc=com',
      bind_password: 'keep',
      way: 'search',
      filter: '(&(objectClass=inetOrgPerson)(mail={user}))',
    },
  },
  {
    name: 'a directory by names that are built, 2.3',
    stock: written(
      'own-el9',
      {
        '/etc/dovecot/conf.d/auth-ldap.conf.ext': included('ldap'),
        '/etc/dovecot/dovecot-ldap.conf.ext': template23,
      },
      'ldap',
    ),
    section: 'auth-ldap',
    answers: {
      servers: ['ldaps://ldap.example.com'],
      base: 'dc=example,dc=com',
      bind_dn: '',
      way: 'template',
      template: 'uid={name},ou=people,dc=example,dc=com',
    },
  },
  {
    name: 'a directory, 2.4',
    stock: written('own-dovecot-2.4', {'/etc/dovecot/conf.d/auth-ldap.conf.ext': ldap24}, 'ldap'),
    section: 'auth-ldap',
    answers: {
      servers: ['ldap://ldap.example.com'],
      starttls: true,
      ca: '/etc/ssl/certs/company.pem',
      base: 'ou=people,dc=example,dc=com',
      bind_dn: 'cn=dovecot,ou=services,dc=example,dc=com',
      bind_password: 'keep',
      way: 'search',
      filter: '(&(objectClass=inetOrgPerson)(mail={user}))',
    },
  },
  {
    name: 'a database, 2.3',
    stock: written(
      'own-el9',
      {
        '/etc/dovecot/conf.d/auth-sql.conf.ext': included('sql'),
        '/etc/dovecot/dovecot-sql.conf.ext': sql23,
      },
      'sql',
    ),
    section: 'auth-sql',
    answers: {
      engine: 'mysql',
      host: 'db.example.com',
      port: 3306,
      ca: '/etc/ssl/certs/company.pem',
      database: 'shop',
      user: 'mailreader',
      password: 'keep',
      table: 'customers',
      user_column: 'email',
      password_column: 'password',
      active_column: 'active',
      scheme: 'SHA512-CRYPT',
    },
  },
  {
    name: 'a database, 2.4',
    stock: written('own-dovecot-2.4', {'/etc/dovecot/conf.d/auth-sql.conf.ext': sql24}, 'sql'),
    section: 'auth-sql',
    answers: {
      engine: 'pgsql',
      host: 'db.example.com',
      port: 5432,
      ca: '/etc/ssl/certs/company.pem',
      database: 'shop',
      user: 'mailreader',
      password: 'keep',
      table: 'public.customers',
      user_column: 'email',
      password_column: 'pw',
      active_column: '',
      scheme: 'BLF-CRYPT',
    },
  },
];
