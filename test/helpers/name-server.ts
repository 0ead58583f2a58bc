import {createSocket} from 'node:dgram';
import {askElsewhere} from '../hosts/name-server.js';

/** Records by name: their type (RFC 1035, 3.2.2) and their data as it goes over the wire. */
export type Zone = Readonly<Record<string, readonly (readonly [type: number, data: Buffer])[]>>;

const type = {a: 1, ptr: 12, mx: 15, txt: 16};

const nameBytes = (name: string) =>
  Buffer.concat([
    ...name.split('.').flatMap(part => [Buffer.from([part.length]), Buffer.from(part)]),
    Buffer.from([0]),
  ]);

export const mx = (preference: number, host: string) =>
  [type.mx, Buffer.concat([Buffer.from([0, preference]), nameBytes(host)])] as const;
export const a = (address: string) => [type.a, Buffer.from(address.split('.').map(Number))] as const;
export const ptr = (name: string) => [type.ptr, nameBytes(name)] as const;
/** A text of several strings, each of 255 bytes at most. */
export const txt = (...strings: readonly string[]) =>
  [
    type.txt,
    Buffer.concat(strings.flatMap(text => [Buffer.from([text.length]), Buffer.from(text)])),
  ] as const;

/**
 * A name server of one question at a time (RFC 1035, 4.1). Names that the zone does not have do not exist, or with `passesOn` are
 * asked of this machine's own name server; `setZone` changes it.
 */
export const nameServer = async (zone: Zone, {address = '127.0.0.1', port = 0, passesOn = false} = {}) => {
  let records = zone;
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
    const entry = records[labels.join('.').toLowerCase()];
    if (entry === undefined && passesOn) {
      askElsewhere(query, reply => socket.send(reply, from.port, from.address));
      return;
    }

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
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
  return {
    at: `${address}:${socket.address().port}`,
    setZone: (next: Zone) => {
      records = next;
    },
    close: () => void socket.close(),
  };
};
