import test from 'ava';
import fc from 'fast-check';
import {escapeFilterValue, parseFilter} from '../../src/core/ldap/filter.js';
import {escapeNameValue, parseName} from '../../src/core/ldap/name.js';
import {everybody, foundBy, neutralPattern, spell, variablesIn} from '../../src/core/ldap/pattern.js';
import {isPrivate, parseLdapUri} from '../../src/core/ldap/server.js';

test('filters of RFC 4515 are read, and what is none is not', t => {
  t.deepEqual(parseFilter('(&(uid=anna)(|(x=y)(!(z>=1))))'), {
    kind: 'and',
    of: [
      {kind: 'equal', attribute: 'uid', value: 'anna'},
      {
        kind: 'or',
        of: [
          {kind: 'equal', attribute: 'x', value: 'y'},
          {kind: 'not', of: {kind: 'at-least', attribute: 'z', value: '1'}},
        ],
      },
    ],
  });
  t.deepEqual(parseFilter('(cn=a*\\2ab*c)'), {kind: 'parts', attribute: 'cn', parts: ['a', '*b', 'c']});
  t.deepEqual(parseFilter('(userAccountControl:1.2.840.113556.1.4.803:=2)'), {
    kind: 'rule',
    attribute: 'userAccountControl',
    rule: '1.2.840.113556.1.4.803',
    names: false,
    value: '2',
  });
  t.deepEqual(parseFilter('(cn=é)'), {kind: 'equal', attribute: 'cn', value: 'Ã©'});
  for (const wrong of [
    '',
    'uid=anna',
    '(uid=anna',
    '(uid=anna))',
    '(&)',
    '(!(a=b)(c=d))',
    '((a=b))',
    '(=b)',
    '(a=b\\zz)',
    '(a=b)(c=d)',
    '(a>=b*)',
    `${'(!'.repeat(100)}(a=b)${')'.repeat(100)}`,
  ]) {
    t.is(parseFilter(wrong), undefined, wrong);
  }
});

test('whatever somebody is called, in a filter it is a value and nothing more', t => {
  fc.assert(
    fc.property(fc.string({unit: 'grapheme'}), name => {
      const filter = parseFilter(`(&(objectClass=person)(mail=${escapeFilterValue(name)}))`);
      return filter?.kind === 'and' && filter.of.length === 2 && filter.of[1]?.kind === 'equal';
    }),
  );
  t.is(escapeFilterValue('*)(uid=*'), '\\2a\\29\\28uid=\\2a');
});

test('whatever somebody is called, in a distinguished name it is one value', t => {
  fc.assert(
    fc.property(fc.string({unit: 'grapheme', minLength: 1}), name => {
      const parts = parseName(`uid=${escapeNameValue(name)},dc=example`);
      return parts?.length === 2 && parts[0]?.length === 1;
    }),
  );
  t.pass();
});

test('distinguished names of RFC 4514 are read, and what is none is not', t => {
  t.deepEqual(parseName('cn=Smith\\, J+uid=j, dc=x'), [
    [
      {type: 'cn', value: 'Smith\\, J'},
      {type: 'uid', value: 'j'},
    ],
    [{type: 'dc', value: 'x'}],
  ]);
  for (const right of [
    '',
    'dc=example,dc=com',
    '1.2.3=#04024869',
    'cn=a\\00',
    'ou=営業,dc=x',
    'cn=\\ a\\ ',
  ]) {
    t.truthy(parseName(right), right);
  }

  for (const wrong of [
    'cn=a,dc=x\u0000',
    '#a',
    'cn=#a',
    'cn="a',
    'cn=a,',
    'cn=a;b=c',
    'cn',
    '=a',
    'cn=a\\',
    'cn=a ',
  ]) {
    t.is(parseName(wrong), undefined, wrong);
  }
});

test('the spellings of both dialects mean the same', t => {
  for (const [there, neutral] of [
    ['(uid=%n)', '(uid={name})'],
    ['(mail=%Lu)', '(mail={user})'],
    ['(mail=%{user})', '(mail={user})'],
    ['uid=%{user | username},dc=%{user | domain}', 'uid={name},dc={domain}'],
  ] as const) {
    t.is(neutralPattern(there), neutral);
  }

  t.deepEqual(variablesIn('(mail={name}@{domain})'), ['name', 'domain']);
  for (const other of ['(uid=%x)', '(uid={env:HOME})', '(uid=%{ldap:uid})', '(uid={user)']) {
    t.is(variablesIn(other), undefined, other);
  }

  t.is(spell('(mail=%u)', {user: '%s', name: '%u', domain: '%d'}), '(mail=%s)');
});

test('what people are found by is what the filter compares with their name', t => {
  t.deepEqual(foundBy('(&(objectClass=x)(|(mail={user})(alias={user})))'), {
    attribute: 'mail',
    variable: 'user',
  });
  t.deepEqual(foundBy('(uid={name})'), {attribute: 'uid', variable: 'name'});
  t.is(foundBy('(uid=*)'), undefined);
  t.is(everybody('(&(objectClass=x)(mail={user})(!(y=2)))'), '(&(objectClass=x)(mail=*)(!(y=2)))');
});

test('only addresses of directories are taken, with nothing secret in them', t => {
  t.deepEqual(parseLdapUri('ldaps://ldap.example.com'), {tls: true, host: 'ldap.example.com', port: 636});
  t.deepEqual(parseLdapUri('ldap://[::1]:1389/'), {tls: false, host: '::1', port: 1389});
  for (const wrong of [
    'ldap://u:p@h',
    'ldap://h/../',
    'http://h',
    'ldap://h:99999',
    'ldap://h:0',
    'ldap://',
    'ldap://h h',
    'ldapi:///',
    'ldap://h/dc=x??sub',
    'ldap://-h',
  ]) {
    t.is(parseLdapUri(wrong), undefined, wrong);
  }

  t.false(isPrivate({tls: false, host: 'ldap.example.com', port: 389}, false));
  t.true(isPrivate({tls: false, host: '127.0.0.1', port: 389}, false));
});
