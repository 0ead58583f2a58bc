import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import test from 'ava';
import type {Looked} from '../../src/core/question.js';
import {secret} from '../../src/core/secret.js';
import {isIdentifier} from '../../src/core/sql.js';
import {askDatabase} from '../../src/probes/sql/check.js';
import {schemeOfAll} from '../../src/probes/sql/hashes.js';
import {namesIn} from '../../src/probes/sql/names.js';
import type {ProbeContext} from '../../src/probes/types.js';
import {refusal} from '../helpers/sections.js';
import {completeAnswers} from '../helpers/facts.js';

const folder = mkdtempSync(join(tmpdir(), 'dovetail-sql-'));
test.after.always(() => rmSync(folder, {recursive: true}));

const context = {
  host: {ground: 'machine', files: {read: () => undefined}},
  open: () => secret('right'),
} as unknown as ProbeContext;

/** A file with statements run in it, as something to be asked. */
const made = (name: string, statements: string) => {
  const file = join(folder, name);
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
  return {engine: 'sqlite', file} as const;
};
const offered = (looked: Looked) =>
  looked.kind === 'offers' ? looked.offers.map(({value, hint}) => `${value}: ${hint}`) : [];

const hostile = `users"; DROP TABLE accounts; --`;
const hostileColumn = `x'; \u001b]0;evil\u0007`;

test('tables and the columns of one are offered, whatever they are called, and nothing in a name is run', async t => {
  const source = made(
    'names.sqlite',
    `CREATE TABLE accounts (username TEXT, "password" TEXT, active INTEGER);
     CREATE TABLE "${hostile.replaceAll('"', '""')}" ("${hostileColumn}" TEXT);
     CREATE VIEW people AS SELECT username FROM accounts;`,
  );
  const tables = await namesIn({kind: 'sql-names', source}, context);
  t.deepEqual(offered(tables).sort(), [
    'accounts: username, password, active',
    'people: username',
    `${hostile}: ${hostileColumn}`,
  ]);
  t.deepEqual(offered(await namesIn({kind: 'sql-names', source, table: 'accounts'}, context)), [
    'username: TEXT',
    'password: TEXT',
    'active: INTEGER',
  ]);
  t.deepEqual(offered(await namesIn({kind: 'sql-names', source, table: hostile}, context)), [
    `${hostileColumn}: TEXT`,
  ]);
  // It is still there.
  t.is(offered(await namesIn({kind: 'sql-names', source}, context)).length, 3);
});

test('a name that no configuration can hold is refused where it is chosen', t => {
  const scene = {answers: completeAnswers({auth: {backends: ['sql']}, 'auth-sql': {engine: 'sqlite'}})};
  for (const name of [hostile, hostileColumn, "a'b", 'a`b', 'a"b', 'a b', 'a;b', 'a--', '{user}', '%u', '']) {
    t.false(isIdentifier(name), name);
    t.truthy(refusal('auth-sql', 'table', name, scene), name);
    t.truthy(refusal('auth-sql', 'user_column', name, scene), name);
  }
});

test('an empty database and a table that is not there are told apart', async t => {
  const source = made('empty.sqlite', 'PRAGMA user_version = 1');
  const empty = await namesIn({kind: 'sql-names', source}, context);
  t.regex(empty.kind === 'nothing' ? empty.finding.summary.en : '', /no table that this user may read/);
  const missing = await namesIn({kind: 'sql-names', source, table: 'x\u001b[2J'}, context);
  t.regex(missing.kind === 'nothing' ? missing.finding.summary.en : '', /no table x␛\[2J/);
});

test('a server that says nothing is given up after five seconds', async t => {
  const server = createServer(socket => socket.on('error', () => undefined));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  const {port} = server.address() as {port: number};
  const started = Date.now();
  const looks = await Promise.all(
    (['mysql', 'pgsql'] as const).map(engine =>
      namesIn(
        {
          kind: 'sql-names',
          source: {engine, host: '127.0.0.1', port, database: 'mail', user: 'dovecot'},
          password: {held: 'p'},
        },
        context,
      ),
    ),
  );
  for (const looked of looks) {
    t.regex(looked.kind === 'nothing' ? looked.finding.summary.en : '', /did not answer within 5 seconds/);
  }

  t.true(Date.now() - started < 6500, String(Date.now() - started));
  server.close();
});

test('the scheme of hashes is told by all of them, or not at all', t => {
  const bcrypt = '$2y$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234';
  t.is(schemeOfAll([bcrypt, bcrypt]), 'BLF-CRYPT');
  t.is(schemeOfAll(['$6$salt$abc']), 'SHA512-CRYPT');
  t.is(schemeOfAll(['{SSHA}abc', '$argon2id$v=19$x']), 'ARGON2ID');
  t.is(schemeOfAll([Buffer.alloc(64 + 8).toString('base64')]), 'SSHA512');
  t.is(schemeOfAll([Buffer.alloc(32 + 8).toString('base64')]), 'SSHA256');
  t.is(schemeOfAll([bcrypt, '$6$salt$abc']), undefined);
  t.is(schemeOfAll(['{BLF-CRYPT}x']), undefined);
  t.is(schemeOfAll(['secret']), undefined);
  t.is(schemeOfAll([]), undefined);
});

test('what the stored hashes are decides the scheme that nobody has named', async t => {
  const source = made(
    'hashes.sqlite',
    "CREATE TABLE users (username TEXT, password TEXT); INSERT INTO users VALUES ('a@x', '$6$salt$abc'), ('b@x', '{PLAIN}x');",
  );
  const table = {table: 'users', user: 'username', password: 'password'};
  const [found] = await askDatabase({kind: 'sql', source, table}, context);
  t.like(found, {severity: 'pass', decides: {scheme: 'SHA512-CRYPT'}});
  const [wrong] = await askDatabase({kind: 'sql', source, table, scheme: 'BLF-CRYPT'}, context);
  t.like(wrong, {severity: 'fail'});
});
