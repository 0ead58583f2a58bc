import type {FirewallChain, FirewallFacts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Host} from '../system/types.js';
import {filtersThere, unmanaged} from './filters.js';
import {ufwFacts} from './ufw.js';

type Found = {readonly facts: FirewallFacts; readonly findings: readonly Finding[]};

/** Which firewall this machine has, whether it is switched on, and what firewalld lets in. */
export const detectFirewall = async (host: Host, live: boolean): Promise<Found> => {
  if (!live) {
    return {facts: unmanaged('none', false), findings: []};
  }

  const hasFirewalld = host.files.lstat('/usr/bin/firewall-cmd') !== undefined;
  const [running, filters] = await Promise.all([
    hasFirewalld ? firewalldFacts(host) : undefined,
    filtersThere(host),
  ]);
  const ufw = ufwFacts(host);
  const found = running ?? (ufw === undefined ? undefined : {facts: ufw, findings: []});
  if (found !== undefined) {
    const names = [
      ...(running === undefined ? [] : ['firewalld']),
      ...(ufw === undefined ? [] : ['ufw']),
      ...(filters.kind === 'found' ? filters.chains.map(nameOf) : []),
    ];
    return names.length < 2 ? found : {...found, findings: [...found.findings, several(names)]};
  }

  switch (filters.kind) {
    case 'found':
      return {facts: unmanaged(filters.backend, true, filters.chains), findings: []};
    case 'none':
      return {facts: unmanaged(hasFirewalld ? 'firewalld' : 'none', false), findings: []};
    case 'not-asked':
      return {facts: unmanaged('none', false), findings: [notAsked(filters.command)]};
  }
};

const nameOf = ({by, family, table, name}: FirewallChain) => `${by} (${family} ${table} ${name})`;

const firewalldName = 'org.fedoraproject.FirewallD1';

/** What firewalld says over D-Bus (firewalld.dbus(5)): the same as firewall-cmd(1), in milliseconds; undefined where it does not run. */
const firewalldFacts = async (host: Host): Promise<Found | undefined> => {
  // Asking must not start it: a firewall that comes up can cut this session off.
  const call = async (path: string, method: string, ...args: readonly string[]) => {
    const {stdout, exitCode} = await host.run('/usr/bin/busctl', [
      '--json=short',
      '--auto-start=no',
      'call',
      firewalldName,
      `/org/fedoraproject/FirewallD1${path}`,
      `${firewalldName}${method.slice(0, method.lastIndexOf('.'))}`,
      method.slice(method.lastIndexOf('.') + 1),
      ...args,
    ]);
    return exitCode === 0 ? (JSON.parse(stdout) as {data: readonly unknown[]}).data[0] : undefined;
  };
  const first = await call('', '.getDefaultZone');
  if (typeof first !== 'string') {
    return undefined;
  }

  const device = defaultDevice(host);
  const bound = device === undefined ? '' : await call('', '.zone.getZoneOfInterface', 's', device);
  const zone = typeof bound === 'string' && bound !== '' ? bound : first;
  const path = await call('/config', '.config.getZoneByName', 's', zone);
  const [runtime, permanent, active] = await Promise.all([
    call('', '.zone.getZoneSettings2', 's', zone),
    typeof path === 'string'
      ? call(path.slice('/org/fedoraproject/FirewallD1'.length), '.config.zone.getSettings2')
      : undefined,
    call('', '.zone.getActiveZones'),
  ]);
  const others = Object.keys((active as Record<string, unknown> | undefined) ?? {}).filter(
    name => name !== zone,
  );
  const unread = runtime === undefined || permanent === undefined;
  return {
    facts: {
      backend: 'firewalld',
      active: true,
      zone,
      permanent: sideOf(permanent),
      runtime: sideOf(runtime),
    },
    findings: [
      ...(others.length === 0 ? [] : [otherZones(zone, others)]),
      ...(unread ? [unreadable(zone)] : []),
    ],
  };
};

// a{sv}: a key that is at its default is missing.
const sideOf = (settings: unknown): FirewallFacts['runtime'] => {
  const value = <T>(key: string) =>
    (settings as Readonly<Record<string, {readonly data: readonly T[]}>> | undefined)?.[key]?.data ?? [];
  return {
    services: value<string>('services'),
    ports: value<readonly string[]>('ports').map(([port, protocol]) => `${port}/${protocol}`),
    richRules: value<string>('rules_str'),
  };
};

/** The interface of the default route (proc_net(5)): mail from elsewhere comes in by it. */
const defaultDevice = (host: Host) =>
  textOf(host, '/proc/net/route')
    .split('\n')
    .map(line => line.split('\t'))
    .find(([, destination, , flags]) => destination === '00000000' && (Number(`0x${flags}`) & 2) !== 0)?.[0];

const textOf = (host: Host, path: string) =>
  host.files.read(path, {follow: true, limit: 1024 * 1024})?.toString('latin1') ?? '';

const otherZones = (zone: string, others: readonly string[]): Finding => ({
  id: 'detect:firewall-zones',
  section: 'firewall',
  severity: 'warning',
  summary: fill(texts.zones, {zone, others: others.join(', ')}),
  remedy: fill(texts.zonesRemedy, {others: others.join(', ')}),
});

const several = (names: readonly string[]): Finding => ({
  id: 'detect:firewalls',
  section: 'firewall',
  severity: 'warning',
  summary: fill(texts.several, {names: names.join(', ')}),
  remedy: fill(texts.severalRemedy, {first: names[0] ?? '', others: names.slice(1).join(', ')}),
});

const unreadable = (zone: string): Finding => ({
  id: 'detect:firewall',
  section: 'firewall',
  severity: 'unchecked',
  summary: fill(texts.unread, {zone}),
  remedy: texts.unreadRemedy,
});

const notAsked = (command: string): Finding => ({
  id: 'detect:firewall',
  section: 'firewall',
  severity: 'unchecked',
  summary: texts.notAsked,
  remedy: fill(texts.notAskedRemedy, {command}),
});

const texts = {
  zones: {
    en: 'firewalld uses more than one zone; ports are opened in {zone}, where mail comes in, and not in {others}.',
    ja: 'firewalld は複数のゾーンを使っています。ポートはメールが入る {zone} で開き、{others} では開きません。',
  },
  zonesRemedy: {
    en: 'Open them in {others} by hand if mail comes in there too.',
    ja: '{others} でもメールを受ける場合は手作業で開いてください。',
  },
  several: {
    en: 'More than one firewall is at work here: {names}. What one lets in another may keep out.',
    ja: '複数のファイアウォールが動いています: {names}。一方が許可しても他方が遮断することがあります。',
  },
  severalRemedy: {
    en: 'Ports are opened in {first} alone. Open them in {others} too, or switch one of them off yourself, with SSH open in the other.',
    ja: 'ポートは {first} だけで開きます。{others} でも開くか、SSH を許可したうえで一方を止めてください。',
  },
  unread: {
    en: 'What the firewall (zone {zone}) lets in was not checked.',
    ja: 'ファイアウォール (ゾーン {zone}) の許可内容は確認していません。',
  },
  unreadRemedy: {
    en: 'Run this as root, or look with “firewall-cmd --list-all”.',
    ja: 'root で実行するか「firewall-cmd --list-all」で確認してください。',
  },
  notAsked: {
    en: 'Whether a packet filter keeps mail out was not checked.',
    ja: 'パケットフィルターがメールを遮断するかは確認していません。',
  },
  notAskedRemedy: {en: 'Look with “{command}” as root.', ja: 'root で「{command}」を実行してください。'},
} satisfies Record<string, Text>;
