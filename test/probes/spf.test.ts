import test from 'ava';
import {sendersIn} from '../../src/probes/spf.js';

const resolver = {
  resolve4: async (name: string) => (name === 'out.example.com' ? ['203.0.113.7'] : []),
  resolve6: async () => [],
  resolveMx: async (name: string) =>
    name === 'example.com' ? [{priority: 10, exchange: 'mail.example.com'}] : [],
} as unknown as Parameters<typeof sendersIn>[2];
const judge = (record: string, addresses = ['203.0.113.7'], hostname = 'mail.example.com') =>
  sendersIn(record, {domain: 'example.com', hostname, addresses}, resolver);

test('a record names this server by its MX, its address, a network or a name that leads here', async t => {
  for (const record of [
    'v=spf1 mx -all',
    'v=spf1 ip4:203.0.113.0/24 -all',
    'v=spf1 ip4:203.0.113.7 ~all',
    'v=spf1 a:out.example.com -all',
    'v=spf1 include:_spf.example.net mx:example.com -all',
  ]) {
    t.is(await judge(record), 'named', record);
  }

  t.is(await judge('v=spf1 ip6:2001:db8::/32 -all', ['2001:db8::1']), 'named');
});

test('a record without this server is told from one that hands on to others, or that cannot be judged from behind a router', async t => {
  t.is(await judge('v=spf1 ip4:198.51.100.9 -all'), 'not-named');
  t.is(await judge('v=spf1 -all'), 'not-named');
  t.is(await judge('v=spf1 -ip4:203.0.113.7 -all'), 'not-named');
  t.is(await judge('v=spf1 mx -all', ['203.0.113.7'], 'other.example.com'), 'not-named');
  t.is(await judge('v=spf1 include:_spf.example.net -all'), 'unknown');
  t.is(await judge('v=spf1 ip4:198.51.100.9 -all', ['10.0.0.5']), 'unknown');
  t.is(await judge('v=spf1 ip4:nonsense/99 -all', ['10.0.0.5']), 'unknown');
});
