import {createServer, type Server, type Socket} from 'node:net';
import {createSecureContext, TLSSocket} from 'node:tls';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';

/** What a server says to a line; `tls`: inside of it. */
export type Says = (line: string, tls: boolean) => string;

export const key = makeKey({algorithm: 'ec-p256'});
export const certificate = selfSigned(key, {CN: 'mail.example.com'}, ['mail.example.com'], 30);

/** An SMTP server on a port of loopback that takes STARTTLS; a 421 ends the connection, as the greeting too. */
export const smtpServer = (says: Says, greeting = '220 mail.example.com ESMTP') =>
  new Promise<{readonly port: number; readonly close: () => void}>(resolve => {
    const server: Server = createServer(socket => {
      socket.on('error', () => undefined);
      if (tell(socket, greeting)) {
        listen(socket, says, false);
      }
    }).listen(0, '127.0.0.1', () => {
      const {port} = server.address() as {port: number};
      resolve({port, close: () => server.close()});
    });
  });

const tell = (socket: Socket, reply: string) => {
  if (reply.startsWith('421')) {
    socket.end(`${reply}\r\n`);
    return false;
  }

  return socket.write(`${reply}\r\n`);
};

const listen = (socket: Socket, says: Says, tls: boolean) => {
  let rest = '';
  const heard = (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'STARTTLS' && !tls) {
        socket.off('data', heard);
        socket.write('220 2.0.0 Ready to start TLS\r\n');
        const secured = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext({key, cert: certificate}),
        });
        secured.on('error', () => undefined);
        listen(secured, says, true);
      } else {
        tell(socket, says(line, tls));
      }
    }
  };
  socket.on('data', heard);
};
