import {createSocket} from 'node:dgram';
import {readFileSync} from 'node:fs';

/** Addresses of a name (none: it does not exist), or undefined for one that this machine's own name server is asked about. */
export type Answers = (name: string) => readonly string[] | undefined;

/**
 * A name server of the test on an address of this machine, port 53 (RFC 1035): answers for A, an empty answer for other types of
 * a name that exists, and passes the rest on.
 */
export const nameServer = async (address: string, answers: Answers) => {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const {name, end} = questionOf(query);
    const found = answers(name.toLowerCase());
    if (found !== undefined) {
      const isA = query.readUInt16BE(end) === 1;
      server.send(
        answer(query.subarray(0, end + 4), found.length === 0, isA ? found : []),
        from.port,
        from.address,
      );
      return;
    }

    askElsewhere(query, reply => server.send(reply, from.port, from.address));
  });
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  server.once('error', reject);
  server.bind(53, address, resolve);
  await promise;
  return {close: () => server.close()};
};

/** Passes a query on to the name server of this machine, and what that says to whoever asked. */
export const askElsewhere = (query: Buffer, answer: (reply: Buffer) => void) => {
  const upstream = /^nameserver\s+(\S+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1] ?? '127.0.0.1';
  const relay = createSocket('udp4');
  const timer = setTimeout(() => relay.close(), 5000);
  relay.on('message', reply => {
    clearTimeout(timer);
    relay.close();
    answer(reply);
  });
  relay.send(query, 53, upstream);
};

const questionOf = (query: Buffer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }

  return {name: labels.join('.'), end: at + 1};
};

const answer = (head: Buffer, isMissing: boolean, addresses: readonly string[]) => {
  const reply = Buffer.from(head);
  // A response, recursion available; 3: no such name.
  reply.writeUInt16BE(0x8180 | (isMissing ? 3 : 0), 2);
  reply.writeUInt16BE(1, 4);
  reply.writeUInt16BE(addresses.length, 6);
  reply.writeUInt32BE(0, 8);
  const records = addresses.map(address =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([reply, ...records]);
};
