import test from 'ava';
import {chainsOf} from '../../src/detect/filters.js';
import {isInRange, isOpen, isServed} from '../../src/core/open-ports.js';

const chain = (table: string, head: string, rules = '') =>
  `table ${table} {\n\tchain c {\n\t\ttype filter hook ${head}\n${rules}\t}\n}\n`;

const filtersInput = (ruleset: string) => chainsOf(ruleset).length > 0;

test('rules that keep something out are a firewall; rules for other ways through the machine are none', t => {
  t.true(filtersInput(chain('inet mine', 'input priority filter; policy drop;')));
  t.true(filtersInput(chain('ip filter', 'input priority 0; policy accept;', '\t\ttcp dport 25 reject\n')));
  t.true(filtersInput(chain('ip filter', 'input priority 0; policy accept;', '\t\tjump INPUT_direct\n')));
  t.false(filtersInput(''));
  t.false(filtersInput(chain('inet mine', 'input priority filter; policy accept;', '\t\tcounter\n')));
  t.false(filtersInput(chain('ip filter', 'forward priority filter; policy drop;')));
  const bans = chain('inet f2b-table', 'input priority -1; policy accept;', '\t\tip saddr @set reject\n');
  t.false(filtersInput(bans));
  t.true(filtersInput(bans + chain('inet mine', 'input priority filter; policy drop;')));
});

test('a port is open by its service, by its number and by a range', t => {
  t.true(isOpen({services: ['imaps'], ports: []}, 993));
  t.true(isOpen({services: [], ports: ['993/tcp']}, 993));
  t.true(isOpen({services: [], ports: ['990-999/tcp']}, 993));
  t.false(isOpen({services: ['imap'], ports: ['993/udp', '990-992/tcp']}, 993));
  t.true(isInRange({services: [], ports: ['993-993/tcp']}, 993));
  t.false(isInRange({services: ['imaps'], ports: ['993/tcp']}, 993));
});

test('a port is served where one of the two mail servers listens, and not where another program does', t => {
  const listener = {address: '*', port: 25, protocol: 'tcp' as const};
  t.true(isServed([{...listener, process: 'master'}], 25));
  t.false(isServed([{...listener, process: 'exim4'}], 25));
  t.false(isServed([{...listener, process: 'master'}], 587));
});

test('a chain is named as its rules are added, with the ports that it lets in already', t => {
  const rules =
    '\t\ttcp dport { 25, 993 } accept\n\t\tct state new tcp dport 587 counter packets 0 bytes 0 accept\n\t\tip saddr 10.0.0.1 tcp dport 24 accept\n';
  const own = chain('inet mine', 'input priority filter; policy drop;', rules);
  const tables = `# Warning: table ip filter is managed by iptables-nft, do not touch!\n${chain('ip filter', 'input priority filter; policy drop;')}`;
  t.deepEqual(chainsOf(own + tables), [
    {family: 'inet', table: 'mine', name: 'c', by: 'nft', accepts: [25, 993, 587]},
    {family: 'ip', table: 'filter', name: 'c', by: 'iptables', accepts: []},
  ]);
  t.deepEqual(
    chainsOf(chain('ip filter', 'input priority filter; policy drop;', '\t}\n\tchain ufw-user-input {\n')),
    [],
  );
});
