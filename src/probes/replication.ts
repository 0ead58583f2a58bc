import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import {secret} from '../core/secret.js';
import {visibleLine} from '../core/text.js';
import {crossing} from './crossing.js';
import {type DoveadmAt, type DoveadmFailure, isFailure, openDoveadm} from './doveadm.js';
import {conflicts, localUsers, remoteUsers} from './replicated-users.js';
import {replicationTexts as texts} from './replication-texts.js';
import {common, fail, pass, unchecked, warning} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

type Replication = Extract<Probe, {kind: 'replication'}>;

/** A pair that works: the plug-ins are in force, the partner answers and knows the same people, and changes cross both ways. */
export const replication: ProbeHandler<'replication'> = async (probe, context) => {
  const users = await localUsers(context);
  return [
    await plugins(part(probe, 'plugins'), context),
    users === undefined
      ? fail(part(probe, 'users'), {summary: texts.noList, remedy: texts.noListRemedy})
      : pass(part(probe, 'users'), {summary: texts.list, values: {count: users.length}}),
    await status(part(probe, 'status'), context),
    ...(await withPartner(probe, context, users ?? [])),
  ];
};

/** The parts have names of their own, so that each can be told from the others. */
const part = (probe: Replication, name: string): Replication => ({...probe, id: `${probe.id}:${name}`});

// A protocol's own list of plug-ins that does not build on the common one switches replication off for it, and nobody says so.
const plugins = async (probe: Replication, {host}: ProbeContext): Promise<Finding> => {
  const without: string[] = [];
  for (const protocol of ['imap', 'lmtp', 'pop3', 'lda']) {
    const {stdout} = await host.run('/usr/bin/doveconf', [
      '-f',
      `protocol=${protocol}`,
      '-h',
      'mail_plugins',
    ]);
    const there = stdout.replaceAll('"', ' ').split(/\s+/);
    if (!there.includes('notify') || !there.includes('replication')) {
      without.push(protocol);
    }
  }

  return without.length === 0
    ? pass(probe, {summary: texts.plugins})
    : fail(probe, {
        summary: texts.noPlugins,
        values: {protocols: without.join(', ')},
        remedy: texts.noPluginsRemedy,
      });
};

// `Queued 'high' requests        0`: what it says, in words.
const status = async (probe: Replication, {host}: ProbeContext): Promise<Finding> => {
  const {exitCode, stdout, stderr} = await host.run('/usr/bin/doveadm', ['replicator', 'status']);
  const number = (name: string) =>
    Number(new RegExp(`^${name}\\s+(\\d+)\\s*$`, 'm').exec(stdout)?.[1] ?? Number.NaN);
  const values = {
    known: number('Total number of known users'),
    soon: ['sync', 'high', 'low'].reduce((sum, queue) => sum + number(`Queued '${queue}' requests`), 0),
    full: number("Queued 'full resync' requests"),
    failed: number("Queued 'failed' requests") + number("Waiting 'failed' requests"),
  };
  return exitCode !== 0 || Number.isNaN(values.known + values.soon + values.full + values.failed)
    ? fail(probe, {
        summary: texts.noStatus,
        remedy: common.logRemedy,
        evidence: (stderr || stdout).trim().split('\n').slice(-2),
      })
    : values.failed > 0
      ? warning(probe, {summary: texts.status, values, remedy: texts.failedRemedy})
      : pass(probe, {summary: texts.status, values});
};

const withPartner = async (
  probe: Replication,
  context: ProbeContext,
  users: readonly string[],
): Promise<readonly Finding[]> => {
  const at = partnerAt(probe, context);
  if (at === undefined) {
    return [unchecked(part(probe, 'partner'), {summary: texts.partner, remedy: texts.rootRemedy})];
  }

  const partner = await openDoveadm(at);
  const values = {partner: probe.partner, port: probe.port};
  if (isFailure(partner)) {
    return [notReached(part(probe, 'partner'), partner, values)];
  }

  partner.close();
  const others = await remoteUsers(at);
  const reached = pass(part(probe, 'partner'), {
    summary: probe.certificate !== undefined ? texts.reachedTls : texts.reached,
    values,
  });
  if (others === undefined) {
    return [
      reached,
      unchecked(part(probe, 'same'), {summary: texts.same, values, remedy: texts.noListRemedy}),
    ];
  }

  const missing = users.filter(name => !others.includes(name));
  const more = others.filter(name => !users.includes(name));
  const same =
    missing.length + more.length === 0
      ? pass(part(probe, 'same'), {summary: texts.sameUsers, values: {...values, count: users.length}})
      : fail(part(probe, 'same'), {
          summary: texts.otherUsers,
          values: {...values, missing: some(missing), more: some(more)},
          remedy: texts.otherUsersRemedy,
        });
  const both = users.filter(name => others.includes(name));
  const parted = await conflicts(at, context, both);
  return [
    reached,
    same,
    parted.length === 0
      ? pass(part(probe, 'folders'), {summary: texts.folders, values})
      : fail(part(probe, 'folders'), {
          summary: texts.conflicts,
          values: {...values, folders: some(parted.map(({user, folder}) => `${user} ${folder}`))},
          cause: texts.conflictsCause,
          remedy: texts.conflictsRemedy,
        }),
    ...(await crosses(part(probe, 'crossing'), at, context, {both, parted: parted.map(({user}) => user)})),
  ];
};

const crosses = async (
  probe: Replication,
  at: DoveadmAt,
  context: ProbeContext,
  {both, parted}: {readonly both: readonly string[]; readonly parted: readonly string[]},
): Promise<readonly Finding[]> => {
  const user = probe.account?.user.toLowerCase();
  const values = {partner: probe.partner};
  return user === undefined
    ? [
        unchecked(probe, {
          summary: texts.crossing,
          values,
          cause: common.noAccount,
          remedy: common.noAccountRemedy,
        }),
      ]
    : !both.includes(user) || parted.includes(user)
      ? [unchecked(probe, {summary: texts.crossing, values, remedy: texts.aboveRemedy})]
      : crossing(probe, at, context, user);
};

// The password is in a file of root's; the certificate, which is public, is the only one that is taken.
const partnerAt = (
  {partner, port, certificate, password}: Replication,
  {host}: ProbeContext,
): DoveadmAt | undefined => {
  const read = (path: string) => host.files.read(path)?.toString('utf8');
  const [, word] = /^doveadm_password = (\S+)$/m.exec(read(password) ?? '') ?? [];
  const pem = certificate === undefined ? undefined : read(certificate);
  return word === undefined || (certificate !== undefined && pem === undefined)
    ? undefined
    : {
        host: partner,
        port,
        password: secret(word),
        ...(pem === undefined ? {} : {certificate: pem}),
      };
};

const notReached = (
  probe: Replication,
  {kind, words}: DoveadmFailure,
  values: {readonly partner: string; readonly port: number},
): Finding => {
  const evidence = [words];
  switch (kind) {
    // It may not be set up yet, or be down: that is no fault of this side.
    case 'silent':
      return unchecked(probe, {summary: texts.silent, values, remedy: texts.silentRemedy, evidence});
    case 'stranger':
      return fail(probe, {summary: texts.stranger, values, remedy: texts.strangerRemedy, evidence});
    case 'refused':
      return fail(probe, {summary: texts.refused, values, remedy: texts.refusedRemedy, evidence});
  }
};

const some = (names: readonly string[]) =>
  names.length === 0
    ? '—'
    : `${names
        .slice(0, 5)
        .map(name => visibleLine(name, 80))
        .join(', ')}${names.length > 5 ? ` … (${names.length})` : ''}`;
