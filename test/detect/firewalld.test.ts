import test from 'ava';
import {detectFirewall} from '../../src/detect/firewall.js';
import {firewallChanges} from '../../src/planner/ports.js';
import type {Host} from '../../src/system/types.js';
import {emptyImage, openDisk} from '../helpers/disk.js';
import {debian12Facts} from '../helpers/facts.js';
import {machineOn} from '../helpers/model.js';
import {allWants} from '../helpers/sections.js';

type Machine = {
  /** Interface of the default route; undefined where there is none. */
  readonly route?: string | undefined;
  /** Zone of each interface that is bound to one. */
  readonly zones?: Readonly<Record<string, string>>;
  readonly firewalld: boolean;
  readonly ufw: boolean;
};

// proc_net(5), route: the default route has the destination 0 and the flags “up” and “gateway”.
const routes = (device: string | undefined) =>
  [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    ...(device === undefined ? [] : [`${device}\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0`]),
    '',
  ].join('\n');

/** A machine whose firewalld, if it runs, has the zone `public` by default, and answers as busctl(1) prints it. */
const machine = ({route, zones = {}, firewalld, ufw}: Machine): Host => {
  const {files} = openDisk(emptyImage());
  const folder = (path: string) => {
    if (path !== '' && files.lstat(path) === undefined) {
      folder(path.slice(0, path.lastIndexOf('/')));
      files.makeDirectory(path, 0o755);
    }
  };
  const rules = '*filter\n### RULES ###\n\n### END RULES ###\n';
  for (const [path, text] of Object.entries({
    '/usr/bin/firewall-cmd': '',
    '/usr/sbin/nft': '',
    '/proc/net/route': routes(route),
    ...(ufw
      ? {
          '/usr/sbin/ufw': '',
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
          '/etc/default/ufw': 'IPV6=yes\n',
          '/etc/ufw/user.rules': rules,
          '/etc/ufw/user6.rules': rules,
        }
      : {}),
  })) {
    folder(path.slice(0, path.lastIndexOf('/')));
    files.create(path, Buffer.from(text), 0o644);
  }

  const settings = {services: {type: 'as', data: ['ssh']}};
  const answers: Readonly<Record<string, (value: string) => unknown>> = {
    getDefaultZone: () => 'public',
    getZoneOfInterface: device => zones[device] ?? '',
    getZoneByName: zone => `/org/fedoraproject/FirewallD1/config/zone/${zone}`,
    getZoneSettings2: () => settings,
    getSettings2: () => settings,
    getActiveZones: () =>
      Object.fromEntries(Object.entries(zones).map(([device, zone]) => [zone, {interfaces: [device]}])),
  };
  const run: Host['run'] = async (file, args) => {
    const said = (stdout: string, exitCode = 0) => ({
      exitCode,
      stdout,
      stderr: '',
      timedOut: false,
      missing: false,
    });
    if (file === '/usr/sbin/nft') {
      return said('');
    }

    const answer = answers[args[6] ?? ''];
    return file === '/usr/bin/busctl' && firewalld && answer !== undefined
      ? said(JSON.stringify({data: [answer(args[8] ?? '')]}))
      : said('', 1);
  };
  return {...machineOn(files), ground: 'machine', run};
};

const found = async (what: Machine) => {
  const {facts, findings} = await detectFirewall(machine(what), true);
  const all = debian12Facts({firewall: facts});
  return {
    facts,
    said: findings.map(({id, summary}) => `${id}: ${summary.en}`).join('\n'),
    /** Where ports would be opened. */
    places: [
      ...new Set(firewallChanges(allWants({facts: all}), all).map(({backend, zone}) => `${backend} ${zone}`)),
    ],
  };
};

test('ports are opened in the zone of the interface that the default route goes by, and the others are named', async t => {
  const {facts, said, places} = await found({
    route: 'eth1',
    zones: {eth0: 'public', eth1: 'internal'},
    firewalld: true,
    ufw: false,
  });
  t.is(facts.zone, 'internal');
  t.deepEqual(places, ['firewalld internal']);
  t.regex(said, /^detect:firewall-zones: .*opened in internal, where mail comes in, and not in public\./);
});

test('an interface that is bound to no zone has the default one, as a machine without a default route', async t => {
  const both: readonly Pick<Machine, 'route' | 'zones'>[] = [
    {route: 'eth0', zones: {eth1: 'internal'}},
    {zones: {eth0: 'internal'}},
  ];
  for (const what of both) {
    const {places, said} = await found({...what, firewalld: true, ufw: false});
    t.deepEqual(places, ['firewalld public']);
    t.regex(said, /opened in public, .* not in internal/);
  }
});

test('of two firewalls one is edited, the other named, and neither switched', async t => {
  const {places, said} = await found({route: 'eth0', firewalld: true, ufw: true});
  t.deepEqual(places, ['firewalld public']);
  t.regex(said, /^detect:firewalls: More than one firewall is at work here: firewalld, ufw\./);
  const facts = debian12Facts({
    firewall: (await detectFirewall(machine({firewalld: true, ufw: true}), true)).facts,
  });
  t.deepEqual(
    allWants({facts}).flatMap(({want}) =>
      want.kind === 'service' && /firewalld|ufw|nftables/.test(want.unit) ? [want.unit] : [],
    ),
    [],
  );
});

test('a firewalld that does not run beside a ufw that does is no second firewall', async t => {
  const {facts, places, said} = await found({route: 'eth0', firewalld: false, ufw: true});
  t.is(facts.backend, 'ufw');
  t.deepEqual(places, ['ufw ']);
  t.is(said, '');
});
