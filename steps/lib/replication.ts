import type {Facts} from '../../src/core/facts.js';
import type {MaterialRequest} from '../../src/core/material.js';
import type {AllAnswers, AskContext} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import type {Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {replicationConf, replicationPaths, replicationTlsConf} from '../../templates/replication.js';
import {portsFor, sourceOf, sourcesAt} from './network-listener.js';
import {parseAddress, parseNetwork} from './networks.js';
import {hasList, hasPam, homesOf} from './people.js';
import {isFirewallManaged} from './ports.js';
import {answer, hasDovecot, mailUserOf} from './read.js';
import {replicationTexts as texts} from './replication-texts.js';

/** Port that the documents use for it; none is assigned. */
export const usualPort = 12_345;

/** Dovecot's own default (replication_max_conns). */
export const usualConnections = 10;

/** The pair as it was answered, or as the machine has it. */
export type Pair = {
  readonly partner?: string;
  readonly addresses?: readonly string[];
  readonly port?: number;
  readonly connections?: number;
  readonly tls?: 'pair' | 'none';
  readonly password?: SecretRef;
  readonly certificate?: SecretRef;
  readonly key?: SecretRef;
};

export const isPaired = (all: AllAnswers) =>
  hasDovecot(all) && answer<string>(all, 'replication', 'mode') === 'pair';

/**
 * What the machine has. `other`: somebody set it up in a way of their own, in this file; it is left to them.
 */
export type ReplicationThere =
  | {readonly kind: 'none'}
  | {readonly kind: 'other'; readonly file: string}
  | {
      readonly kind: 'ours';
      readonly partner: string;
      readonly port: number;
      readonly connections: number;
      readonly user: string;
      readonly tls: 'pair' | 'none';
      readonly addresses: readonly string[];
    };

export const replicationThere = (facts: Facts): ReplicationThere => {
  const text = facts.files[replicationPaths.settings] ?? '';
  const [, scheme, partner = '', port = ''] =
    /^ {2}mail_replica = (tcps?):([^:\s]+):(\d+)$/m.exec(text) ?? [];
  const connections = Number(/^replication_max_conns = (\d+)$/m.exec(text)?.[1]);
  const user = /^ {4}user = (\S+)$/m.exec(text)?.[1] ?? '';
  const values = {partner, port: Number(port), connections, user};
  if (scheme !== undefined && replicationConf({...values, tls: scheme === 'tcps'}) === text) {
    const tls = scheme === 'tcps' ? 'pair' : 'none';
    return {kind: 'ours', ...values, tls, addresses: sourcesAt(facts, values.port)};
  }

  const [file] =
    Object.entries(facts.files).find(
      ([path, content]) => path.startsWith('/etc/dovecot/') && /^\s*mail_replica\s*=/m.test(content),
    ) ?? [];
  return file === undefined ? {kind: 'none'} : {kind: 'other', file};
};

/** Why this machine cannot be one of a pair. */
export const pairProblem = ({facts, answers, platform}: AskContext): Text | undefined => {
  if ((facts.dovecot?.dialect ?? platform.dovecot) !== '2.3') {
    return texts.gone;
  }

  if (hasPam(answers) && (!hasList(answers) || homesOf(answers) === 'real')) {
    return texts.owners;
  }

  const main = facts.dovecot === undefined ? undefined : facts.files[facts.dovecot.root];
  return main !== undefined && !/^\s*!include(?:_try)?\s+(?:\/etc\/dovecot\/)?conf\.d\/\*\.conf/m.test(main)
    ? texts.oneFile
    : undefined;
};

export const addressesProblem = (addresses: readonly string[], {facts}: AskContext): Text | undefined =>
  addresses.length === 0
    ? texts.nobody
    : addresses.some(address => !isOne(address))
      ? texts.single
      : addresses.some(address => facts.host.addresses.includes(bare(address)) || isLoopback(bare(address)))
        ? texts.itself
        : undefined;

/** All that the pair needs on this side; what is not wanted any more goes. */
export const replicationWants = (
  pair: Pair,
  all: AllAnswers,
  facts: Facts,
  isMade: (material: string) => boolean,
): readonly Want[] => {
  const there = replicationThere(facts);
  if (!isPaired(all)) {
    return there.kind === 'ours' ? leaving(there, all, facts) : [];
  }

  const {partner = '', port = usualPort, connections = usualConnections, tls = 'pair'} = pair;
  const sources = (pair.addresses ?? []).map(sourceOf);
  const known = there.kind === 'ours' ? there : undefined;
  const closed =
    known === undefined
      ? []
      : known.addresses.filter(source => known.port !== port || !sources.includes(source));
  return [
    file(
      replicationPaths.settings,
      0o644,
      replicationConf({partner, port, connections, user: mailUserOf(all), tls: tls === 'pair'}),
    ),
    ...secretFile(replicationPaths.password, pair.password, [{text: 'doveadm_password = '}], true),
    ...(tls === 'pair'
      ? [file(replicationPaths.tls, 0o644, replicationTlsConf), ...pairFiles(pair, isMade)]
      : goneFiles(facts, tlsPaths)),
    // SELinux: by a label of this port alone. The boolean of common advice (nis_enabled) lets many programs listen anywhere.
    label(port, 'present'),
    ...(known === undefined || known.port === port ? [] : [label(known.port, 'absent')]),
    ...(isFirewallManaged(all)
      ? [...portsFor(port, sources, 'present'), ...portsFor(known?.port ?? port, closed, 'absent')]
      : []),
  ];
};

/** The certificate of the pair is made where none was brought, and reused while it names both servers. */
export const pairMaterials = (
  {partner = '', tls = 'pair', certificate = 'generate'}: Pair,
  hostname: string,
): readonly MaterialRequest[] =>
  tls === 'pair' && certificate === 'generate'
    ? [
        {
          id: 'replication.key',
          kind: 'key',
          spec: {algorithm: 'ec-p256'},
          existing: replicationPaths.key,
        },
        {
          id: 'replication.certificate',
          kind: 'self-signed',
          key: 'replication.key',
          subject: {CN: 'dovetail replication'},
          names: [hostname, partner],
          // Nobody outside the pair sees it, and both would have to be given a new one.
          days: 3650,
          existing: replicationPaths.certificate,
        },
      ]
    : [];

/** Whether the machine has the secrets of a pair. */
export const hasPassword = ({files}: Facts) => files[replicationPaths.password] !== undefined;
export const hasCertificate = ({files}: Facts) => files[replicationPaths.certificate] !== undefined;

const tlsPaths = [replicationPaths.tls, replicationPaths.certificate, replicationPaths.key];

const leaving = (
  there: Extract<ReplicationThere, {kind: 'ours'}>,
  all: AllAnswers,
  facts: Facts,
): readonly Want[] => [
  ...goneFiles(facts, [replicationPaths.settings, replicationPaths.password, ...tlsPaths]),
  label(there.port, 'absent'),
  ...(isFirewallManaged(all) ? portsFor(there.port, there.addresses, 'absent') : []),
];

// The key is in no facts: it is there with its certificate.
const goneFiles = ({files}: Facts, paths: readonly string[]): readonly Want[] =>
  paths
    .filter(path =>
      path === replicationPaths.key
        ? files[replicationPaths.certificate] !== undefined
        : files[path] !== undefined,
    )
    .map(path => ({kind: 'file', path, state: 'absent'}));

const pairFiles = (
  {certificate = 'generate', key = 'generate'}: Pair,
  isMade: (material: string) => boolean,
): readonly Want[] =>
  certificate === 'generate'
    ? (
        [
          ['replication.key', replicationPaths.key, 0o600, true],
          ['replication.certificate', replicationPaths.certificate, 0o644, false],
        ] as const
      )
        .filter(([material]) => isMade(material))
        .map(([material, path, mode, secret]) => ({
          kind: 'file',
          path,
          state: 'present',
          content: [{material}],
          secret,
          owner: 'root',
          group: 'root',
          mode,
        }))
    : [
        ...secretFile(replicationPaths.key, key, [], true),
        ...secretFile(replicationPaths.certificate, certificate, [], false),
      ];

const file = (path: string, mode: number, text: string): Want => ({
  kind: 'file',
  path,
  state: 'present',
  content: [{text}],
  owner: 'root',
  group: 'root',
  mode,
});

const secretFile = (
  path: string,
  ref: SecretRef | undefined,
  before: readonly {readonly text: string}[],
  secret: boolean,
): readonly Want[] =>
  ref === undefined || ref === 'keep' || ref === 'generate'
    ? []
    : [
        {
          kind: 'file',
          path,
          state: 'present',
          content: [...before, {secret: ref}, {text: '\n'}],
          secret,
          owner: 'root',
          group: 'root',
          mode: secret ? 0o600 : 0o644,
        },
      ];

const label = (port: number, state: 'present' | 'absent'): Want => ({
  kind: 'selinux.port',
  port,
  type: 'mail_port_t',
  state,
});

const bare = (address: string) => address.replace(/\/(?:32|128)$/, '');

const isOne = (address: string) => {
  const network = parseNetwork(address);
  return network !== undefined && network.prefix === (network.family === 'ipv4' ? 32 : 128);
};

const isLoopback = (address: string) =>
  /^127\./.test(address) || parseAddress(address)?.value === 1n || /^0\.0\.0\.0$|^::$/.test(address);
