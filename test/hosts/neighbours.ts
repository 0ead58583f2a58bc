import {createServer, type Socket} from 'node:net';

/** A relay that takes all mail, on some ports of an address of this machine. `taken`: port and recipient of each message. */
export const relayFor = async (address: string, ports: readonly number[]) => {
  const taken: string[] = [];
  const servers = await Promise.all(
    ports.map(port =>
      listening(address, port, socket => takeMail(socket, to => taken.push(`${port} ${to}`))),
    ),
  );
  return {taken, close: () => servers.forEach(server => void server.close())};
};

/** A filter that looks at each message and lets it pass (the milter protocol, version 6). `seen`: how many there were. */
export const milterFor = async (address: string, port: number) => {
  let seen = 0;
  const server = await listening(address, port, socket => {
    let heard = Buffer.alloc(0);
    socket.on('data', chunk => {
      heard = Buffer.concat([heard, chunk]);
      while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) {
        const end = 4 + heard.readUInt32BE(0);
        const command = heard.toString('latin1', 4, 5);
        heard = heard.subarray(end);
        seen += command === 'E' ? 1 : 0;
        const reply = replyTo(command);
        if (reply !== undefined) {
          const size = Buffer.alloc(4);
          size.writeUInt32BE(reply.length);
          socket.write(Buffer.concat([size, reply]));
        }
      }
    });
  });
  return {seen: () => seen, close: () => void server.close()};
};

const listening = async (address: string, port: number, serve: (socket: Socket) => void) => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, address, resolve);
  await promise;
  // Whoever stays connected does not keep a test from its end.
  server.unref();
  return server;
};

const takeMail = (socket: Socket, take: (recipient: string) => void) => {
  let rest = '';
  let data = false;
  socket.setEncoding('latin1');
  socket.write('220 relay.example.net ESMTP\r\n');
  socket.on('data', chunk => {
    const lines = (rest + String(chunk)).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (data) {
        data = line !== '.';
        data || socket.write('250 2.0.0 Taken\r\n');
      } else if (/^QUIT/i.test(line)) {
        socket.end('221 2.0.0 Bye\r\n');
      } else {
        const [, recipient] = /^RCPT TO:<([^>]*)>/i.exec(line) ?? [];
        if (recipient !== undefined) {
          take(recipient);
        }

        data = /^DATA/i.test(line);
        socket.write(data ? '354 Go on\r\n' : '250 2.0.0 Good\r\n');
      }
    }
  });
};

// Of the options: no changes, and nothing is asked for but the end of each message (SMFIP_NO…). What is only told (macros, an
// abandoned message, the end) has no reply.
const replyTo = (command: string) =>
  command === 'O'
    ? Buffer.from([0x4f, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0x03, 0x7f])
    : 'DAQK'.includes(command)
      ? undefined
      : Buffer.from(command === 'E' ? 'a' : 'c');
