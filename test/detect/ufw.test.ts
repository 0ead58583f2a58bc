import test from 'ava';
import {ufwFacts} from '../../src/detect/ufw.js';
import {emptyImage, openDisk} from '../helpers/disk.js';
import {machineOn} from '../helpers/model.js';

const tuple = (text: string) => `### tuple ### ${text}\n-A ufw-user-input -j ACCEPT\n\n`;
const ours = `comment=${Buffer.from('dovetail').toString('hex')}`;

const factsOf = (
  four: readonly string[],
  six: readonly string[],
  over: Readonly<Record<string, string>> = {},
) => {
  const {files} = openDisk(emptyImage());
  const texts = {
    '/etc/ufw/ufw.conf': '# comment\nENABLED=yes\nLOGLEVEL=low\n',
    '/etc/default/ufw': 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n',
    '/etc/ufw/user.rules': `*filter\n### RULES ###\n\n${four.map(tuple).join('')}### END RULES ###\n`,
    '/etc/ufw/user6.rules': `*filter\n### RULES ###\n\n${six.map(tuple).join('')}### END RULES ###\n`,
    '/usr/sbin/ufw': '',
    ...over,
  };
  for (const folder of ['/etc', '/etc/ufw', '/etc/default', '/usr', '/usr/sbin']) {
    if (files.lstat(folder) === undefined) {
      files.makeDirectory(folder, 0o755);
    }
  }

  for (const [path, text] of Object.entries(texts)) {
    files.create(path, Buffer.from(text), 0o640);
  }

  return ufwFacts(machineOn(files));
};

test('what ufw lets in for everybody, over IPv4 and IPv6 alike, is open; ours is told by its comment', t => {
  const facts = factsOf(
    [
      'allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in',
      `allow tcp 993 0.0.0.0/0 any 0.0.0.0/0 in ${ours}`,
      'allow tcp 587 0.0.0.0/0 any 0.0.0.0/0 in',
      'limit any 4190 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow tcp 990:995 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow udp 143 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow tcp 465 0.0.0.0/0 any 0.0.0.0/0 in_eth0',
      'route:allow any 80 0.0.0.0/0 any 0.0.0.0/0 in',
      `allow tcp 24 0.0.0.0/0 any 10.0.0.1 in ${ours}`,
    ],
    [
      'allow tcp 22 ::/0 any ::/0 in',
      `allow tcp 993 ::/0 any ::/0 in ${ours}`,
      'limit any 4190 ::/0 any ::/0 in',
      'allow tcp 990:995 ::/0 any ::/0 in',
    ],
  );
  t.deepEqual(facts?.permanent.ports, ['22/tcp', '993/tcp', '4190/tcp', '990-995/tcp']);
  t.deepEqual(facts?.ours, ['993', '10.0.0.1 24']);
  t.deepEqual(facts?.permanent.richRules, [
    'rule family="ipv4" source address="10.0.0.1/32" port port="24" protocol="tcp" accept',
  ]);
  t.deepEqual(facts?.shut, []);
});

test('of rules for everybody the first that fits decides whether a port is kept shut', t => {
  const facts = factsOf(
    [
      'deny tcp 110 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow tcp 110 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow tcp 993 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny tcp 993 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny any 25 0.0.0.0/0 any 10.0.0.0/8 in',
      'reject udp 143 0.0.0.0/0 any 0.0.0.0/0 in',
    ],
    [],
  );
  t.deepEqual(facts?.shut, [110]);
});

test('without rules for IPv6, or switched off, it is said so', t => {
  const only4 = factsOf(['allow tcp 25 0.0.0.0/0 any 0.0.0.0/0 in'], [], {'/etc/default/ufw': 'IPV6=no\n'});
  t.deepEqual(only4?.permanent.ports, ['25/tcp']);
  t.is(factsOf([], [], {'/etc/ufw/ufw.conf': 'ENABLED=no\n'}), undefined);
});
