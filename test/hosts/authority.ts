import {readFileSync} from 'node:fs';
import {bootHost, type LabHost} from './host.js';
import {preparedLayers} from './layers.js';

/** An authority of the test's own: a host whose Pebble is asked by ACME (RFC 8555), and really looks at port 80 of each name. */
export type LabAuthority = {
  readonly host: LabHost;
  /** Address of its directory. */
  readonly server: string;
  /** The root of the certificate of its own server, PEM; not of those that it issues. */
  readonly root: string;
  readonly stop: () => Promise<void>;
};

/** Name of its host. */
export const authorityName = 'acme.example.test';

/** Boots it. `resolver`: the address of the name server that it asks about names. */
export const bootAuthority = async (resolver: (address: string) => string): Promise<LabAuthority> => {
  const layers = await preparedLayers('authority', 'bookworm', script, {'/root/pebble.json': config});
  const host = await bootHost({hostname: authorityName, layers});
  host.write('/etc/resolv.conf', `nameserver ${resolver(host.address)}\n`);
  const {exitCode, stderr} = await host.run('systemd-run', [
    ...['--unit=pebble', '--setenv=PEBBLE_VA_NOSLEEP=1', '--setenv=PEBBLE_WFE_NONCEREJECT=0'],
    ...['/usr/bin/pebble', '-config', '/root/pebble.json'],
  ]);
  if (exitCode !== 0) {
    await host.stop();
    throw new Error(stderr);
  }

  return {
    host,
    server: `https://${authorityName}:14000/dir`,
    root: readFileSync(`${host.tree}/root/ca.pem`, 'utf8'),
    stop: host.stop,
  };
};

const config = JSON.stringify({
  pebble: {
    listenAddress: '0.0.0.0:14000',
    managementListenAddress: '127.0.0.1:15000',
    certificate: '/root/server.pem',
    privateKey: '/root/server.key',
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  },
});

const script = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends pebble openssl
cd /root
openssl req -x509 -nodes -newkey rsa:2048 -keyout ca.key -out ca.pem -subj '/CN=Lab ACME Root' -days 3650
openssl req -new -nodes -newkey rsa:2048 -keyout server.key -out server.csr -subj '/CN=${authorityName}' -addext 'subjectAltName=DNS:${authorityName}'
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copyall -days 3650 -out server.pem
`;
