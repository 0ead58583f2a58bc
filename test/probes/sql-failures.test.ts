import {createServer} from 'node:net';
import {TLSSocket} from 'node:tls';
import test from 'ava';
import {secret} from '../../src/core/secret.js';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {askDatabase} from '../../src/probes/sql/check.js';
import {failureOf} from '../../src/probes/sql/failures.js';
import type {ProbeContext} from '../../src/probes/types.js';

const server = {host: 'db.example.com', database: 'mail', user: 'dovecot', ca: '/etc/ssl/ca.pem'};
const pgsql = {engine: 'pgsql', port: 5432, ...server} as const;
const mysql = {engine: 'mysql', port: 3306, ...server} as const;
const table = {table: 'users', user: 'username', password: 'password'};
const said = (error: unknown, source: typeof pgsql | typeof mysql = pgsql) => {
  const {summary, remedy} = failureOf(error, source, table, ['users (username, password)']);
  return `${summary.en} ${remedy?.en}`;
};
/** An error as the driver of PostgreSQL makes it of what the server sends (`code`, `routine`), in whatever language that speaks. */
const postgres = (code: string, routine: string, message: string) =>
  Object.assign(new Error(message), {code, routine});

test('what PostgreSQL says is told in the admin’s words, whatever language its server speaks', t => {
  for (const [error, words] of [
    [
      postgres('28P01', 'auth_failed', 'password authentication failed for user "dovecot"'),
      /does not let dovecot in.*password authentication failed/,
    ],
    [
      postgres('28000', 'ClientAuthentication', 'no pg_hba.conf entry for host "192.0.2.7", SSL encryption'),
      /may not come from this machine \(no pg_hba\.conf entry/,
    ],
    [
      postgres('3D000', 'InitPostgres', 'database "mail" does not exist'),
      /no database mail that dovecot may/,
    ],
    [
      postgres('42501', 'CheckMyDatabase', 'keine Berechtigung für Datenbank »mail«'),
      /no database mail that dovecot may read.*the right to it/,
    ],
    [
      postgres('42501', 'aclcheck_error', 'permission denied for table users'),
      /dovecot may not read the table users.*GRANT SELECT ON users TO dovecot/,
    ],
    [
      postgres('42P01', 'parserOpenTable', 'relation "users" does not exist'),
      /no table users.*There are: users \(username, password\)/,
    ],
    [
      postgres('42703', 'errorMissingColumn', 'column "username" does not exist'),
      /does not have all of these columns: username, password.*There are: users/,
    ],
    [
      Object.assign(new Error('connect ECONNREFUSED 192.0.2.7:5432'), {code: 'ECONNREFUSED'}),
      /No database server answers at db\.example\.com:5432.*listen_addresses/,
    ],
    [new Error('The server does not support SSL connections'), /has no TLS/],
    [
      postgres('53300', 'InitProcess', 'sorry, too many clients already'),
      /could not be asked: sorry, too many clients/,
    ],
  ] as const) {
    t.regex(said(error), words, error.message);
  }
});

test('a certificate that is too old, or too young, is called that by either driver', t => {
  // MariaDB's driver gives every failure of TLS the same code.
  for (const [error, source] of [
    [Object.assign(new Error('certificate has expired'), {code: 'HANDSHAKE_SSL_ERROR'}), mysql],
    [Object.assign(new Error('certificate is not yet valid'), {code: 'HANDSHAKE_SSL_ERROR'}), mysql],
    [Object.assign(new Error('certificate has expired'), {code: 'CERT_HAS_EXPIRED'}), pgsql],
    [Object.assign(new Error('certificate is not yet valid'), {code: 'CERT_NOT_YET_VALID'}), pgsql],
  ] as const) {
    t.regex(said(error, source), /The certificate of db\.example\.com:\d+ is not valid today.*to be renewed/);
  }
});

test('PostgreSQL with a certificate whose time is over is asked nothing more', async t => {
  const key = makeKey({algorithm: 'ec-p256'});
  const long = new Date(Date.now() - 20 * 86_400_000);
  const certificate = selfSigned(key, {CN: 'localhost'}, ['localhost'], 10, long);
  const heard: string[] = [];
  const listener = createServer(socket => {
    socket.on('error', () => undefined);
    // The wish for TLS, and the answer that it is granted (PostgreSQL: Message Flow, SSL Session Encryption).
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, {isServer: true, key, cert: certificate});
      secure.on('error', () => undefined);
      secure.on('data', bytes => heard.push(String(bytes)));
    });
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', () => resolve()));
  const {port} = listener.address() as {port: number};
  const context = {
    host: {ground: 'machine', files: {read: () => Buffer.from(certificate)}},
    open: () => secret('the-password'),
  } as unknown as ProbeContext;
  const [finding] = await askDatabase(
    {
      kind: 'sql',
      source: {engine: 'pgsql', host: 'localhost', port, database: 'mail', user: 'dovecot', ca: '/ca.pem'},
      password: {held: 'p'},
      table,
    },
    context,
  );
  listener.close();
  t.like(finding, {severity: 'fail'});
  t.regex(finding?.summary.en ?? '', /is not valid today/);
  t.deepEqual(heard, []);
});
