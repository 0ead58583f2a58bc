import {networkInterfaces} from 'node:os';
import {splitLines} from '../config/lines.js';
import {settingsOf} from '../config/main-cf/parse.js';
import {services} from '../config/master-cf/parse.js';
import {clamavFiles, clamavUnits, hasSignatures} from '../core/clamav-files.js';
import type {Facts, PostfixFacts} from '../core/facts.js';
import {platformOf} from '../platforms/index.js';
import {packageManager, packageManagerIn} from '../system/package-managers.js';
import {unprivileged, withoutRoot} from './unprivileged.js';
import {storesIn} from './stores.js';
import {otherMtaPackages} from '../system/other-mta.js';
import type {Host} from '../system/types.js';
import {certificateFacts} from './certificates.js';
import {configFiles, ownersOf, pathFacts} from './configuration.js';
import {configuredSides} from './configured.js';
import {detectFirewall} from './firewall.js';
import {accountsInUse} from './in-use.js';
import {oddFiles} from './odd-files.js';
import {signingFacts} from './signing.js';
import {selinuxRules} from './selinux.js';
import {usersHere} from './users.js';
import {parseGroup, parseListeners, parseOsRelease, parsePasswd, parseUnits} from '../system/parse.js';

export type DetectOptions = {
  readonly ground: Facts['ground'];
  readonly root: boolean;
  readonly ssh?: string;
  readonly user: string;
  /** The platform that the machine is taken for, whatever it says itself. */
  readonly platform?: string;
  /** Whether what a very large list of accounts or table of aliases tells is wanted: it takes longer than all else. */
  readonly large?: boolean;
};

/** Reads what the machine is and has. A thing that is missing is no error: it is missing from the facts. */
export const detect = async (machine: Host, options: DetectOptions): Promise<Facts> => {
  const host = options.root ? machine : unprivileged(machine);
  const text = (path: string) =>
    host.files.read(path, {follow: true, limit: 5 * 1024 * 1024})?.toString('latin1') ?? '';
  const os = parseOsRelease(text('/etc/os-release') || text('/usr/lib/os-release'));
  const live = options.ground === 'machine';
  const platform = platformOf(os, options.platform);
  const manager = packageManager(platform?.packageManager ?? packageManagerIn(host.files));
  const [packages, shipped, dovecot, postfix, units, listeners, firewall] = await Promise.all([
    manager.installed(host, [...Object.values(platform?.packages ?? {}).flat(), ...otherMtaPackages]),
    manager.shipped?.(host, mailPackages),
    dovecotVersion(host),
    postfixFacts(host, text),
    unitFacts(host, live),
    listenerFacts(host, live),
    detectFirewall(host, live),
  ]);
  const ownCertificates = platform?.paths.certificates ?? '/etc/ssl/dovetail';
  const own = parsePasswd(text('/etc/passwd'));
  const {users, findings} =
    live && host.runs ? await usersHere(host, own, [options.user]) : {users: own, findings: []};
  const rules = selinuxRules(host);
  const files = configFiles(host, text, options.large !== false);
  const signing = live ? await signingFacts(host, files) : undefined;
  const interfaces = live || options.ground === 'stage' ? ownInterfaces() : [];
  const name = text('/etc/hostname').trim();
  const ssh = /^(\S+) \d+ \S+ (\d+)$/.exec(options.ssh ?? '');
  const mta = host.files.readLink('/etc/alternatives/mta');
  const fqdn = fqdnOf(text('/etc/hosts'), name);
  return {
    ground: options.ground,
    os,
    platformId: platformOf(os)?.id ?? '',
    ...(options.platform === undefined ? {} : {platformNamed: options.platform}),
    root: options.root,
    session: {
      user: options.user,
      ...(ssh === null ? {} : {ssh: {client: ssh[1] ?? '', serverPort: Number(ssh[2])}}),
    },
    host: {
      name,
      ...(fqdn === undefined ? {} : {fqdn}),
      addresses: interfaces.map(({address}) => address),
      networks: interfaces.flatMap(({cidr}) => (cidr === null ? [] : [cidr])),
      reverse: {},
    },
    dns: {works: false, mx: {}, forward: {}},
    packages,
    ...(dovecot === undefined
      ? {}
      : {
          dovecot: {
            version: dovecot,
            dialect: dovecot.startsWith('2.3') ? ('2.3' as const) : ('2.4' as const),
            root: '/etc/dovecot/dovecot.conf',
          },
        }),
    ...(postfix === undefined ? {} : {postfix}),
    configured: configuredSides({files, postfix, text, ...(shipped === undefined ? {} : {shipped})}),
    files,
    paths: pathFacts(host, users, ownCertificates),
    certificates: await certificateFacts(host, ownCertificates),
    databases: live ? databasesHere(host) : {},
    stores: storesIn(host, '/var/vmail'),
    ...(signing === undefined ? {} : {signing}),
    virusSignatures: hasSignatures(host.files.list(clamavFiles.signatures) ?? []),
    users,
    inUse: accountsInUse(host, users, live),
    groups: parseGroup(text('/etc/group')),
    units,
    listeners,
    otherMtas: otherMtaPackages.filter(other => packages[other] !== undefined),
    ...(mta === undefined ? {} : {mta}),
    firewall: firewall.facts,
    selinux:
      text('/sys/fs/selinux/enforce') === '1'
        ? 'enforcing'
        : text('/sys/fs/selinux/enforce') === '0'
          ? 'permissive'
          : 'disabled',
    ...(rules === undefined ? {} : {selinuxRules: rules}),
    apparmor: text('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    fips: text('/proc/sys/crypto/fips_enabled').startsWith('1'),
    memoryMiB: Math.round(Number(/MemTotal:\s+(\d+)/.exec(text('/proc/meminfo'))?.[1] ?? 0) / 1024),
    freeMiB: {},
    owners: ownersOf(files),
    findings: [
      ...(options.root ? [] : [withoutRoot]),
      ...oddFiles(host, files),
      ...findings,
      ...firewall.findings,
    ],
  };
};

/** What brings configuration of a mail server. */
const mailPackages = ['dovecot', 'dovecot-pigeonhole', 'postfix'];

const dovecotVersion = async (host: Host) => {
  if (host.files.lstat('/usr/sbin/dovecot') === undefined || !host.runs) {
    return undefined;
  }

  const {stdout} = await host.run('/usr/sbin/dovecot', ['--version']);
  return /^[\d.]+/.exec(stdout)?.[0];
};

const lookedAt = [
  'mail_version',
  'default_database_type',
  'queue_directory',
  'smtpd_forbid_bare_newline',
  'smtpd_forbid_unauth_pipelining',
  'inet_protocols',
  'mydestination',
  'message_size_limit',
];

const postfixFacts = async (
  host: Host,
  text: (path: string) => string,
): Promise<PostfixFacts | undefined> => {
  const main = text('/etc/postfix/main.cf');
  if (main === '' || !host.runs) {
    return undefined;
  }

  const [{stdout}, types] = await Promise.all([
    host.run('/usr/sbin/postconf', ['-d', ...lookedAt]),
    host.run('/usr/sbin/postconf', ['-m']),
  ]);
  const defaults = settingsOf(stdout);
  return {
    version: defaults['mail_version'] ?? '',
    directory: '/etc/postfix',
    settings: settingsOf(main),
    defaults,
    services: services(splitLines(text('/etc/postfix/master.cf'))).map(({name, type, columns, options}) => ({
      name,
      type,
      columns,
      options,
    })),
    mapType: settingsOf(main)['default_database_type'] ?? defaults['default_database_type'] ?? 'hash',
    mapTypes: types.stdout.split('\n').filter(Boolean),
    queueDirectory: '/var/spool/postfix',
  };
};

const unitFacts = async (host: Host, live: boolean) => {
  if (!live) {
    return {};
  }

  const names = [
    'dovecot.service',
    'postfix.service',
    'firewalld.service',
    'exim4.service',
    'sendmail.service',
    'opendkim.service',
    'fail2ban.service',
    'rspamd.service',
    'certbot.timer',
    ...Object.values(clamavUnits),
  ];
  return parseUnits(
    (
      await host.run('/usr/bin/systemctl', [
        'show',
        '--property=Id,LoadState,ActiveState,UnitFileState',
        '--',
        ...names,
      ])
    ).stdout,
  );
};

const listenerFacts = async (host: Host, live: boolean) =>
  live ? parseListeners((await host.run('ss', ['-H', '-tlnp'])).stdout) : [];

// Where Debian and the family of Red Hat put them.
const databasesHere = ({files}: Host): NonNullable<Facts['databases']> => {
  const mysql = ['/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock'].find(
    path => files.lstat(path)?.type === 'other',
  );
  const pgsql = '/var/run/postgresql';
  return {
    ...(mysql === undefined ? {} : {mysql}),
    ...(files.lstat('/run/postgresql/.s.PGSQL.5432') === undefined ? {} : {pgsql}),
  };
};

const ownInterfaces = () =>
  Object.values(networkInterfaces())
    .flat()
    .filter(entry => entry !== undefined)
    .filter(({internal, address}) => !internal && !address.startsWith('fe80'));

const fqdnOf = (hosts: string, name: string) => {
  const line = hosts
    .split('\n')
    .find(entry => !entry.startsWith('#') && entry.split(/\s+/).slice(1).includes(name));
  return (
    line
      ?.split(/\s+/)
      .slice(1)
      .find(entry => entry.includes('.')) ?? (name.includes('.') ? name : undefined)
  );
};
