import test from 'ava';
import {aliasProblems} from '../../steps/lib/aliases.js';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {cautionOf, mainItems, probesOf, refusal, rowsWanted, stepOf, wantsOf} from '../helpers/sections.js';

const file = '/etc/postfix/virtual';
const withAliases = (aliases: readonly string[], also: readonly string[] = []) =>
  completeAnswers({smtp: {admin: 'anna@example.com'}, domains: {also, aliases}});
const configured = (text: string, settings: Readonly<Record<string, string>> = {}) =>
  debian12Facts({
    configured: {dovecot: false, postfix: true},
    postfix: debian12Postfix({
      myhostname: 'mail.example.com',
      virtual_mailbox_domains: 'example.com',
      virtual_alias_maps: `hash:${file}`,
      ...settings,
    }),
    files: {[file]: text},
  });
const adopt = (text: string, settings: Readonly<Record<string, string>> = {}) =>
  stepOf('domains').adopt(configured(text, settings), debian12Platform);

test('without an alias nothing of Postfix is touched', t => {
  t.deepEqual(wantsOf('domains'), []);
});

test('an address with two targets is one row, and a further domain is declared with its roles', t => {
  const wants = wantsOf('domains', {
    answers: withAliases(
      ['info@example.net=anna@example.com', 'info@example.net=b@far.example.org'],
      ['example.net'],
    ),
  });
  t.deepEqual(mainItems(wants, 'virtual_alias_domains'), ['+example.net']);
  t.deepEqual(mainItems(wants, 'virtual_alias_maps'), ['+hash:/etc/postfix/virtual']);
  t.deepEqual(rowsWanted(wants, file), [
    'postmaster@example.net anna@example.com',
    'abuse@example.net anna@example.com',
    'root@example.net anna@example.com',
    'info@example.net anna@example.com, b@far.example.org',
  ]);
});

test('domains that a table names by itself stay when the first one is declared', t => {
  t.like(
    wantsOf('domains', {answers: withAliases([], ['example.net'])}).find(want => want.kind === 'item'),
    {base: ['$virtual_alias_maps']},
  );
});

for (const [name, items, expected] of [
  ['an address that is its own only target', ['x@example.com=x@example.com'], /Entry 1: .*circle/],
  [
    'a circle of three',
    ['a@example.com=b@example.com', 'b@example.com=c@example.com', 'c@example.com=a@example.com'],
    /Entry 1: .*circle/,
  ],
  ['a target that nobody has', ['info@example.com=anan@example.com'], /Entry 1: there is no anan@/],
  [
    'an entry that is there twice',
    ['info@example.com=anna@example.com', 'info@example.com=anna@example.com'],
    /Entry 2 says the same as entry 1/,
  ],
  ['a domain of others', ['info@example.org=anna@example.com'], /Entry 1: .*not in a domain/],
  ['an address that a role has', ['postmaster@example.com=anna@example.com'], /Receiving mail/],
  ['a whole domain', ['@example.com=anna@example.com'], /bounced to forged senders/],
  ['angle brackets, as the document writes them', ['<info@example.com>=<anna@example.com>'], /mail address/],
  ['a control character', ['info@example.com=anna@example.com\r'], /./],
  ['a program', ['info@example.com=|/bin/sh'], /mail address/],
  ['no target', ['info@example.com'], /ADDRESS=TARGET/],
] as const) {
  test(`${name} is refused`, t => {
    t.regex(refusal('domains', 'aliases', items, {answers: withAliases(items)}) ?? '', expected);
  });
}

test('what leads into a circle is not called one, and an address may keep a copy for itself', t => {
  const world = {domains: ['e.x'], mailboxes: ['anna@e.x'], roles: []};
  const ending = ['a@e.x=b@e.x', 'b@e.x=anna@e.x', 'anna@e.x=anna@e.x', 'anna@e.x=b@far.x'];
  t.deepEqual(aliasProblems(ending, world), []);
});

test('mail that leaves and a mailbox that gets no more mail are named', t => {
  const outside = ['info@example.com=me@far.example.org'];
  const shadowing = ['anna@example.com=me@far.example.org'];
  const copying = [...shadowing, 'anna@example.com=anna@example.com'];
  const caution = (items: readonly string[]) =>
    cautionOf('domains', 'aliases', items, {answers: withAliases(items)}) ?? '';
  t.regex(caution(outside), /passed on to me@far\.example\.org.*SPF/);
  t.regex(caution(shadowing), /gets no mail any more/);
  t.regex(caution(copying), /passed on/);
  t.is(caution(['info@example.com=anna@example.com']), '');
});

test('100,000 aliases that lead to each other are checked in one pass', t => {
  const items = Array.from({length: 100_000}, (_, at) =>
    at === 0 ? 'a0@e.x=anna@e.x' : `a${at}@e.x=a${at - 1}@e.x`,
  );
  const world = {domains: ['e.x'], mailboxes: ['anna@e.x'], roles: []};
  t.deepEqual(aliasProblems(items, world), []);
  t.regex(aliasProblems([...items, 'last@e.x=nobody@e.x'], world)[0]?.en ?? '', /^Entry 100001: there is no/);
});

test('a machine’s aliases are adopted; one on several lines as a whole; roles, bare domains and programs stay as they are', t => {
  const text = [
    '# people',
    'info@example.com    anna@example.com,me@far.example.org',
    'postmaster@example.com anna@example.com',
    'carl@example.com carl@mail.example.com',
    'old.example.org anything',
    '@old.example.org anna@example.com',
    'long@example.com anna@example.com,',
    '  # since May',
    '',
    '  bob@example.com',
    'sales@example.net anna@example.com',
    'stray@elsewhere.example.org anna@example.com',
    '',
  ].join('\n');
  t.deepEqual(adopt(text, {virtual_alias_domains: '$virtual_alias_maps, example.net'}), {
    also: ['example.net'],
    aliases: [
      'info@example.com=anna@example.com',
      'info@example.com=me@far.example.org',
      'long@example.com=anna@example.com',
      'long@example.com=bob@example.com',
      'sales@example.net=anna@example.com',
    ],
    import_file: '',
  });
});

test('a file of aliases is folded in as many rows, and what it has is not taken out because nobody typed it', t => {
  const facts = configured('info@example.com anna@example.com\nsales@example.com anna@example.com\n');
  const wants = stepOf('domains').plan({
    answers: {also: [], aliases: [], import_file: '/root/aliases.txt'},
    all: withAliases([]),
    facts,
    platform: debian12Platform,
    materials: {
      'domains.import': {
        id: 'domains.import',
        kind: 'alias-file',
        reused: false,
        found: {
          digest: 'abc',
          count: 2,
          record: 'def',
          gone: {count: 0, first: []},
          kept: {count: 0, first: []},
          domains: [],
          shadowed: [],
          has: address => address === 'info@example.com',
        },
      },
    },
  });
  t.deepEqual(rowsWanted(wants, file), ['- sales@example.com']);
  t.like(
    wants.find(want => want.kind === 'rows'),
    {bulk: {digest: 'abc', count: 2}, compile: 'hash'},
  );
  t.like(
    wants.find(want => want.kind === 'file'),
    {path: `${file}.imported`, content: [{blob: 'def'}], shown: 'elsewhere'},
  );
  t.truthy(refusal('domains', 'import_file', 'aliases.txt'));
  t.truthy(refusal('domains', 'import_file', '/root/../etc/shadow'));
});

test('what came from a file is changed there: it is no answer, and nobody takes it out because it is none', t => {
  const facts = configured('info@example.com anna@example.com\nown@example.com anna@example.com\n');
  const there = {
    ...facts,
    files: {...facts.files, [`${file}.imported`]: '# words\ninfo@example.com anna@example.com\n'},
  };
  t.like(stepOf('domains').adopt(there, debian12Platform), {aliases: ['own@example.com=anna@example.com']});
  t.deepEqual(rowsWanted(wantsOf('domains', {facts: there, answers: withAliases([])}), file), [
    '- own@example.com',
  ]);
});

test('what is typed in may lead to an address that only the file has; the file is judged with it', t => {
  const typed = ['info@example.com=sales@example.com'];
  const withFile = completeAnswers({
    smtp: {admin: 'anna@example.com'},
    domains: {aliases: typed, import_file: '/root/aliases.txt'},
  });
  t.truthy(refusal('domains', 'aliases', typed, {answers: withAliases(typed)}));
  t.is(refusal('domains', 'aliases', typed, {answers: withFile}), undefined);
});

test('what was adopted keeps its bytes; what is taken out of the answers leaves the table and main.cf', t => {
  const facts = configured(
    'info@example.com\tanna@example.com\nsales@example.net anna@example.com\npostmaster@example.net anna@example.com\n',
    {virtual_alias_domains: 'example.net'},
  );
  const same = wantsOf('domains', {
    facts,
    answers: withAliases(
      ['info@example.com=anna@example.com', 'sales@example.net=anna@example.com'],
      ['example.net'],
    ),
  });
  const rows = same.flatMap(want => (want.kind === 'rows' ? want.rows : []));
  t.deepEqual(
    rows.map(row => row.state === 'present' && row.keep),
    [true, true],
  );
  const less = wantsOf('domains', {facts, answers: withAliases(['info@example.com=anna@example.com'])});
  t.deepEqual(mainItems(less, 'virtual_alias_domains'), ['-example.net']);
  t.deepEqual(rowsWanted(less, file), [
    '- postmaster@example.net',
    '- abuse@example.net',
    '- root@example.net',
    'info@example.com anna@example.com',
    '- sales@example.net',
  ]);
});

test('strangers’ mail for unknown names of each further domain is tried', t => {
  t.deepEqual(
    probesOf('domains', {answers: withAliases([], ['example.net'])}).map(({id}) => id),
    ['domains:unknown:example.net', 'domains:roles'],
  );
  t.truthy(refusal('domains', 'also', ['example.com']));
  t.truthy(refusal('domains', 'also', ['mail.example.com']));
});
