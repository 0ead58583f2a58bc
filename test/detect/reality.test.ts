import {createSocket} from 'node:dgram';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {reality} from '../../src/detect/reality.js';
import {debian12Facts} from '../helpers/facts.js';

type Zone = Readonly<Record<string, readonly (readonly [type: number, data: Buffer])[]>>;
const type = {a: 1, ptr: 12, mx: 15, aaaa: 28};

const nameBytes = (name: string) =>
  Buffer.concat([
    ...name.split('.').flatMap(part => [Buffer.from([part.length]), Buffer.from(part)]),
    Buffer.from([0]),
  ]);
const mx = (preference: number, host: string) =>
  [type.mx, Buffer.concat([Buffer.from([0, preference]), nameBytes(host)])] as const;
const a = (address: string) => [type.a, Buffer.from(address.split('.').map(Number))] as const;
const ptr = (name: string) => [type.ptr, nameBytes(name)] as const;

// A name server of one question at a time (RFC 1035, 4.1).
const nameServer = async (t: ExecutionContext, zone: Zone) => {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    let at = 12;
    const labels: string[] = [];
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }

    const question = query.subarray(12, at + 5);
    const wanted = query.readUInt16BE(at + 1);
    const entry = zone[labels.join('.').toLowerCase()];
    const found = (entry ?? []).filter(([kind]) => kind === wanted);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(entry === undefined ? 0x81_83 : 0x81_80, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found.length, 6);
    const answers = found.map(([kind, data]) => {
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc0_0c, 0);
      head.writeUInt16BE(kind, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt32BE(60, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, question, ...answers]), from.port, from.address);
  });
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => void socket.close());
  return {at: `127.0.0.1:${socket.address().port}`};
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
