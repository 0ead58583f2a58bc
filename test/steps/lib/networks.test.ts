import test from 'ava';
import {
  isWithin,
  networkCaution,
  networkProblem,
  parseAddress,
  parseNetwork,
  printNetwork,
} from '../../../steps/lib/networks.js';

const printed = (text: string) => {
  const network = parseNetwork(text);
  return network === undefined ? undefined : printNetwork(network);
};

test('a network is written the one way that Postfix reads: host bits cleared, IPv6 in brackets', t => {
  t.is(printed('192.0.2.1/24'), '192.0.2.0/24');
  t.is(printed('10.0.0.1/8'), '10.0.0.0/8');
  t.is(printed('198.51.100.7'), '198.51.100.7/32');
  t.is(printed('[2001:db8:1::1]/64'), '[2001:db8:1::]/64');
  t.is(printed('2001:DB8:0:0:0:0:0:1'), '[2001:db8::1]/128');
  t.is(printed('::1'), '[::1]/128');
  t.is(printed('::/0'), '[::]/0');
  t.is(printed('::ffff:127.0.0.0/104'), '[::ffff:7f00:0]/104');
  t.is(printed('2001:db8:0:1:0:0:0:1/128'), '[2001:db8:0:1::1]/128');
  // The last digit of fe80 is none of the zeros that are left out.
  t.is(printed('fe80::/64'), '[fe80::]/64');
  t.is(printed('fd00::a'), '[fd00::a]/128');
  t.is(printed('1:0:2:0:0:3:0:4'), '[1:0:2::3:0:4]/128');
});

test('what is not a network is refused', t => {
  const wrong = [
    '1.2.3.4/33',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.256',
    '0x7f.0.0.1',
    'fe80::1%eth0',
    '2001:db8::/129',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '[::1',
    'example.com',
    '$mynetworks',
    'hash:/etc/x',
    '10.0.0.0/8, 0.0.0.0/0',
    '',
    '/24',
    '::1.2.3.999',
  ];
  for (const text of wrong) {
    t.is(printed(text), undefined, text);
    t.truthy(networkProblem(text), text);
  }
});

test('large parts of the Internet are refused as an open relay', t => {
  for (const text of ['0.0.0.0/0', '::/0', '10.0.0.0/7', '2000::/3']) {
    t.regex(networkProblem(text)?.en ?? '', /anybody could send/, text);
  }

  t.is(networkProblem('10.0.0.0/8'), undefined);
});

test('a network that is not the machine’s own is named a relay risk', t => {
  t.regex(networkCaution('203.0.113.0/24', ['10.7.0.0/24'])?.en ?? '', /203\.0\.113\.0\/24.*relay risk/);
  t.is(networkCaution('10.7.0.0/25', ['10.7.0.0/24']), undefined);
  t.regex(networkCaution('10.7.0.9/24', ['10.7.0.0/24'])?.en ?? '', /10\.7\.0\.0\/24/);
  t.is(networkCaution('::ffff:127.0.0.0/104', []), undefined);
});

test('being within looks at the family and at every leading bit', t => {
  const within = (inner: string, outer: string) => {
    const [a, b] = [parseNetwork(inner), parseNetwork(outer)];
    return a !== undefined && b !== undefined && isWithin(a, b);
  };
  t.true(within('127.0.0.1', '127.0.0.0/8'));
  t.false(within('128.0.0.1', '127.0.0.0/8'));
  t.false(within('127.0.0.0/7', '127.0.0.0/8'));
  t.false(within('::1', '0.0.0.0/0'));
  t.true(within('2001:db8::5', '2001:db8::/32'));
});

test('addresses are read strictly', t => {
  t.is(parseAddress('::1')?.value, 1n);
  t.is(parseAddress('127.0.0.1')?.value, 2_130_706_433n);
  t.is(parseAddress('::ffff:1.2.3.4')?.value, 0xffff_0102_0304n);
  t.is(parseAddress('127.1'), undefined);
});
