import test from 'ava';
import {isLocked, lockRow, unlockRow} from '../../src/config/accounts/lock.js';
import {readAccounts} from '../../src/config/accounts/read.js';
import {passwordProblem} from '../../src/core/password-policy.js';
import {addressProblem} from '../../steps/lib/validate.js';

const bcrypt = `$2y$12$${'a'.repeat(53)}`;
const read = (text: string | Buffer) =>
  readAccounts(Buffer.from(text), {
    has: name => name === 'anna@e.test',
    nameProblem: addressProblem,
    passwordProblem,
    schemes: new Set(['BLF-CRYPT', 'SHA512-CRYPT', 'SSHA', 'CRYPT', 'PLAIN']),
  });
const accounts = (text: string) => {
  const found = read(text);
  return found.ok
    ? found.accounts.map(account =>
        'row' in account ? account.row : `${account.name} ${account.password.reveal()}`,
      )
    : found.problems.map(({line, problem}) => `${line}: ${problem.en}`);
};

test('a hash is kept as it is, with its scheme where it had none; numbers, homes and shells are left behind', t => {
  t.deepEqual(accounts(`ben@e.test:{BLF-CRYPT}${bcrypt}\n`), [`ben@e.test:{BLF-CRYPT}${bcrypt}::::::`]);
  t.deepEqual(accounts(`ben@e.test:${bcrypt}:1000:1000::/home/ben:/bin/sh:\n`), [
    `ben@e.test:{BLF-CRYPT}${bcrypt}::::::`,
  ]);
  t.deepEqual(accounts('Ben@E.test:{SSHA.b64}abc=:::::: userdb_quota_rule=*:storage=1G nopassword=y\r\n'), [
    'ben@e.test:{SSHA.b64}abc=::::::userdb_quota_rule=*:storage=1G',
  ]);
});

test('a password is taken whole, quotes of CSV and a heading understood', t => {
  t.deepEqual(accounts('address,password\nben@e.test,battery staple\n"cleo@e.test";"a ""b"", c: d"\n'), [
    'ben@e.test battery staple',
    'cleo@e.test a "b", c: d',
  ]);
  t.deepEqual(accounts('\uFEFFben@e.test,{PLAIN}battery staple'), ['ben@e.test battery staple']);
});

test('who is there stays, and is counted', t => {
  t.like(read('anna@e.test,battery staple\nben@e.test,battery staple\n'), {ok: true, there: 1});
});

test('what cannot be taken in is told with its line, and never with its password', t => {
  for (const [text, reason] of [
    ['ben,battery staple', /1: /],
    ['ben@e.test', /NAME:HASH/],
    ['ben@e.test:', /NAME:HASH/],
    ['ben@e.test,short', /10 characters/],
    ['ben@e.test:battery:staple', /write it as “NAME,PASSWORD”/],
    ['ben@e.test,one,two', /two columns/],
    ['ben@e.test,"battery', /two columns/],
    ['ben@e.test:{MD5}x', /no scheme MD5/],
    [`ben@e.test:{BLF-CRYPT}${bcrypt.slice(0, -1)}`, /no hash of the scheme BLF-CRYPT/],
    [`ben@e.test,"{SSHA}x:0:0::/root"`, /no hash/],
    ['ben@e.test,"{SSHA}x y"', /no hash/],
    ['ben@e.test:{PLAIN.b64}eA==', /not encoded/],
    [`ben@e.test,battery staple\n\n# x\nben@e.test,battery staple`, /4: ben@e\.test stands in line 1 too/],
    ['ben@e.test\u202e,battery staple', /1: /],
  ] as const) {
    const found = accounts(text);
    t.is(found.length, 1, text);
    t.regex(found[0] ?? '', reason, text);
    t.notRegex(found[0] ?? '', /battery|short:/);
  }

  t.like(read(Buffer.from([0xff, 0x3a, 0x41])), {ok: false});
  t.like(read('a@e.test,battery\0staple'), {ok: false});
});

test('of many wrong lines the first are told and the rest is counted', t => {
  t.like(read('x\n'.repeat(500)), {ok: false, more: 480});
});

test('a locked row is unlocked to what it was', t => {
  for (const row of [
    `a@e.test:{BLF-CRYPT}${bcrypt}::::::`,
    `a:${bcrypt}`,
    'a::::::',
    'a:{PLAIN}!:1:2::/h::x=y:z',
  ]) {
    t.false(isLocked(row));
    t.true(isLocked(lockRow(row)));
    t.is(lockRow(lockRow(row)), lockRow(row));
    t.is(unlockRow(lockRow(row)), row);
    t.is(unlockRow(row), row);
  }
});
