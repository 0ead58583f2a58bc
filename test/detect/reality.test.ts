import {createSocket} from 'node:dgram';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {reality} from '../../src/detect/reality.js';
import {debian12Facts} from '../helpers/facts.js';
import {a, mx, nameServer as openNameServer, ptr, type Zone} from '../helpers/name-server.js';

const nameServer = async (t: ExecutionContext, zone: Zone) => {
  const server = await openNameServer(zone);
  t.teardown(server.close);
  return server;
};

const facts = debian12Facts({
  host: {name: 'mail', fqdn: 'mail.example.com', addresses: ['198.51.100.7'], networks: [], reverse: {}},
  findings: [],
});
const ids = (found: {readonly findings: readonly {readonly id: string; readonly severity: string}[]}) =>
  found.findings.map(({id, severity}) => `${severity} ${id}`);

test('what DNS says and a port 25 that answers become facts', async t => {
  const smtp = createServer().listen(0, '127.0.0.1');
  t.teardown(() => void smtp.close());
  await new Promise(resolve => smtp.once('listening', resolve));
  const server = await nameServer(t, {
    '7.100.51.198.in-addr.arpa': [ptr('mx.example.com')],
    'mail.example.com': [a('198.51.100.7')],
    'example.com': [mx(20, 'second.example.net'), mx(10, 'first.example.net')],
    'gmail.com': [mx(5, 'in.example.org')],
    'in.example.org': [a('127.0.0.1')],
  });
  const {port} = smtp.address() as AddressInfo;
  const found = await reality(facts, {servers: [server.at], smtpPort: port});
  t.deepEqual(found.host.reverse, {'198.51.100.7': 'mx.example.com'});
  t.deepEqual(found.dns, {
    works: true,
    mx: {'example.com': ['first.example.net', 'second.example.net']},
    forward: {'mail.example.com': ['198.51.100.7']},
  });
  t.true(found.outboundSmtp);
  t.deepEqual(ids(found), []);
});

test('a closed port 25, a name that nobody knows and an address without a name are said', async t => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => closed.once('listening', resolve));
  const {port} = closed.address() as AddressInfo;
  await new Promise(resolve => closed.close(resolve));
  const server = await nameServer(t, {
    'gmail.com': [mx(5, 'in.example.org')],
    'in.example.org': [a('127.0.0.1')],
  });
  const found = await reality(facts, {servers: [server.at], smtpPort: port});
  t.false(found.outboundSmtp);
  t.deepEqual(ids(found), [
    'warning reality:port-25',
    'warning reality:name',
    'warning reality:reverse:198.51.100.7',
  ]);
});

test('a name that leads elsewhere is said; a private address needs no name', async t => {
  const server = await nameServer(t, {'mail.example.com': [a('203.0.113.9')], 'gmail.com': []});
  const host = {...facts.host, addresses: ['10.1.2.3']};
  const found = await reality({...facts, host}, {servers: [server.at]});
  t.deepEqual(ids(found), ['unchecked reality:port-25', 'warning reality:elsewhere']);
});

test('where no name server answers, nothing is claimed, and it does not take long', async t => {
  const silent = createSocket('udp4');
  t.teardown(() => void silent.close());
  await new Promise<void>(resolve => silent.bind(0, '127.0.0.1', resolve));
  const started = Date.now();
  const found = await reality(facts, {servers: [`127.0.0.1:${silent.address().port}`], time: 600});
  t.true(Date.now() - started < 2000);
  t.deepEqual(ids(found), ['unchecked reality:dns']);
  t.is(found.outboundSmtp, undefined);
  t.false(found.dns.works);
});

test('what a name server says cannot steer a terminal', async t => {
  const server = await nameServer(t, {
    '7.100.51.198.in-addr.arpa': [ptr('a\u001b[2Jb.example.com')],
    'gmail.com': [],
  });
  const found = await reality(facts, {servers: [server.at]});
  t.false(JSON.stringify(found.host.reverse).includes('\\u001b'));
});
