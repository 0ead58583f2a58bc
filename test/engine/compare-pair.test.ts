import test from 'ava';
import {alone, compareCounts, comparePair} from '../../src/engine/pair/compare.js';
import type {FolderReport, SideReport} from '../../src/engine/pair/report.js';

const guid = 'a'.repeat(32);
const folder = (messages: number, over: Partial<FolderReport> = {}): FolderReport => ({
  user: 'anna@example.com',
  folder: 'INBOX',
  messages,
  guid,
  ...over,
});
const side = (over: Partial<SideReport> = {}): SideReport => ({
  hostname: 'mail.example.com',
  addresses: ['192.0.2.5'],
  dovecot: '2.3.19.1',
  dialect: '2.3',
  clock: 1_000_000,
  owner: '1000:1000',
  location: 'maildir:~/mail',
  backends: ['passdb passwd-file', 'userdb passwd-file'],
  users: ['anna@example.com'],
  folders: [folder(3)],
  messages: [{user: 'anna@example.com', id: '<1@x>', guid: 'g1'}],
  replication: 'none',
  ...over,
});
const failed = (here: SideReport, there: SideReport, asked?: number) =>
  comparePair(here, there, asked).flatMap(({id, severity}) => (severity === 'fail' ? [id] : []));

test('two servers that are alike may become a pair, and a backup is advised', t => {
  t.deepEqual(failed(side(), side()), []);
  t.true(
    comparePair(side(), side()).some(({id, severity}) => id === 'pair:backup' && severity === 'warning'),
  );
});

for (const [name, over] of Object.entries({
  version: {dialect: '2.4', dovecot: '2.4.1'},
  owner: {owner: '1001:1001'},
  location: {location: 'sdbox:~/mail'},
  backends: {backends: ['passdb ldap', 'userdb ldap']},
  users: {users: ['anna@example.com', 'carl@example.com']},
  clocks: {clock: 1_000_007},
  replication: {replication: 'other'},
  folders: {folders: [folder(0, {guid: 'b'.repeat(32)})]},
  copies: {messages: [{user: 'anna@example.com', id: '<1@x>', guid: 'other'}]},
} satisfies Readonly<Record<string, Partial<SideReport>>>)) {
  test(`${name} must be right on both, whichever it is wrong on`, t => {
    t.deepEqual(failed(side(), side(over)), [`pair:${name}`]);
    t.deepEqual(failed(side(over), side()), [`pair:${name}`]);
  });
}

test('accounts that cannot be listed are no accounts in common; an owner without numbers is none', t => {
  const {users: _users, ...unlisted} = side();
  t.deepEqual(failed(unlisted, side()), ['pair:users']);
  t.deepEqual(failed(side({owner: ''}), side({owner: ''})), ['pair:owner']);
});

test('what was compared with nothing is not said to be right', t => {
  const severities = (here: SideReport, there: SideReport) =>
    Object.fromEntries(comparePair(here, there).map(({id, severity}) => [id, severity]));
  const empty = side({folders: [], messages: []});
  t.like(severities(side(), side()), {'pair:folders': 'pass', 'pair:copies': 'pass'});
  for (const [here, there] of [
    [empty, empty],
    [side(), empty],
    [empty, side()],
  ] as const) {
    t.like(severities(here, there), {'pair:folders': 'unchecked', 'pair:copies': 'unchecked'});
  }

  t.is(severities(side(), side({messages: []}))['pair:copies'], 'unchecked');
  t.false(comparePair(empty, empty).some(({summary}) => /\b0 of here/.test(summary.en)));
});

test('what this server lacks is known without the other one', t => {
  const lacks = (over: Partial<SideReport>) =>
    alone(side(over)).flatMap(({id, severity}) => (severity === 'fail' ? [id] : []));
  const {users: _users, ...unlisted} = side();
  t.deepEqual(lacks({}), []);
  t.deepEqual(lacks({dialect: '2.4', dovecot: '2.4.1'}), ['pair:version']);
  t.deepEqual(lacks({dialect: 'none', dovecot: ''}), ['pair:version']);
  t.deepEqual(lacks({replication: 'other'}), ['pair:replication']);
  t.deepEqual(
    alone(unlisted).flatMap(({id, severity}) => (severity === 'fail' ? [id] : [])),
    ['pair:users'],
  );
});

test('a slow answer is no wrong clock', t => {
  t.deepEqual(failed(side(), side({clock: 1_000_007}), 4), []);
});

test('the command that gives two folders one identity is safe for a shell, whatever they are called', t => {
  const odd = {folder: "a'; touch /tmp/x; '\u001b[2J"};
  const findings = comparePair(
    side({folders: [folder(1, odd)]}),
    side({folders: [folder(1, {...odd, guid: 'b'.repeat(32)})]}),
  );
  const [line = ''] = findings.find(({id}) => id === 'pair:folders')?.evidence ?? [];
  t.true(line.includes(`'a'\\''; touch /tmp/x; '\\''`), line);
  t.false(findings.some(finding => JSON.stringify(finding).includes('\\u001b')));
});

test('counts tell mail that was lost, mail that is there twice, and mail that has not come yet', t => {
  const before = [[folder(3)], [folder(2)]] as const;
  const verdict = (here: number, there: number) => compareCounts(before, [[folder(here)], [folder(there)]]);
  t.like(verdict(5, 5), {settled: true, lost: [], more: []});
  // The same three, two of which the partner had.
  t.like(verdict(3, 3), {settled: true, lost: [], more: []});
  t.like(verdict(5, 2), {settled: false});
  t.deepEqual(verdict(0, 0).lost, ['anna@example.com INBOX']);
  t.deepEqual(verdict(8, 8).more, ['anna@example.com INBOX']);
  t.deepEqual(compareCounts(before, [[], []]).lost, ['anna@example.com INBOX']);
});
