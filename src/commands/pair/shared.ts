import {randomBytes} from 'node:crypto';
import {exitCode} from '../../core/exit-code.js';
import {type Finding, ProblemError} from '../../core/finding.js';
import {type Plan, planChanges} from '../../core/plan.js';
import type {AllAnswers} from '../../core/question.js';
import {type Text, visibleLine} from '../../core/text.js';
import type {Machine} from '../../engine/machine.js';
import type {Bundle} from '../../engine/pair/bundle.js';
import {alone} from '../../engine/pair/compare.js';
import type {SideReport} from '../../engine/pair/report.js';
import {usualConnections, usualPort} from '../../../steps/lib/replication.js';
import {replicationPaths} from '../../../templates/replication.js';
import {type CommandContext, findingLines} from '../context.js';
import {loadAnswers} from '../load-answers.js';
import type {SidePlan} from './side.js';
import {askPartner, type Target} from './ssh.js';
import {pairTexts as texts} from './texts.js';

/** The other server, for one run: progress of it is shown with its name. */
export const partnerOf =
  ({lang, out}: Pick<CommandContext, 'lang' | 'out'>, {system}: Pick<Machine, 'system'>, target: Target) =>
  (request: Parameters<typeof askPartner>[2]) =>
    askPartner(system, target, request, {lang, tell: line => void out(`${target.host}: ${line}`)});

type Asked = Awaited<ReturnType<typeof askPartner>>;

/** The reply that was asked for; a problem there ends the command here. */
export const expect = <T extends Asked['t']>(asked: Asked, t: T): Extract<Asked, {t: T}> => {
  if (asked.t === 'problem') {
    throw new ProblemError(shown(asked.problem));
  }

  if (asked.t !== t) {
    throw new ProblemError({code: exitCode.networkOrPackages, what: texts.lost, remedy: texts.lostRemedy});
  }

  return asked as Extract<Asked, {t: T}>;
};

/** A problem of the other server, in words that cannot steer a terminal. */
export const shown = ({what, cause, remedy}: ProblemError['problem']): ProblemError['problem'] => ({
  code: exitCode.stuck,
  what: seen(what),
  ...(cause === undefined ? {} : {cause: seen(cause)}),
  remedy: seen(remedy),
});

const seen = ({en, ja}: Text): Text => ({en: visibleLine(String(en)), ja: visibleLine(String(ja))});

/** Whether this server can be half of a pair at all; says what is in the way, and is silent where nothing is. */
export const canBeHalf = (context: CommandContext, report: SideReport) => {
  const findings = alone(report).filter(({severity}) => severity !== 'pass');
  return findings.length === 0 || holds(context, findings);
};

/** Whether all holds; says all of it. */
export const holds = ({lang, out}: CommandContext, findings: readonly Finding[]) => {
  for (const finding of findings) {
    findingLines(finding, lang).forEach(line => void out(line));
  }

  return findings.every(({severity}) => severity !== 'fail');
};

/** What this side answers: what a file says, on top of what the partner says of itself. */
export const answersHere = (
  context: CommandContext,
  {facts, vault}: Machine,
  target: Pick<Target, 'host'>,
  report?: Pick<SideReport, 'addresses'>,
): AllAnswers => {
  const said = context.options['answers'] === undefined ? {} : loadAnswers(context);
  const hasOne = facts.files[replicationPaths.password] !== undefined;
  return {
    replication: {
      mode: 'pair',
      ...(target.host === '' ? {} : {partner: target.host}),
      ...(report === undefined ? {} : {addresses: report.addresses}),
      password: hasOne ? 'keep' : vault.hold(randomBytes(24).toString('hex')),
      ...said['replication'],
    },
  };
};

/** What the other half is given: the answers of this one turned round, with the secrets that this one has or will have. */
export const bundleOf = (
  {system}: Pick<Machine, 'system'>,
  {plan, resolve}: SidePlan,
  here: SideReport,
): Bundle => {
  const written = (path: string) => {
    const change = planChanges(plan).find(
      one => one.change.kind === 'file.write' && one.change.path === path,
    )?.change;
    return change?.kind === 'file.write'
      ? resolve(change.content).toString('utf8')
      : system.files.read(path)?.toString('utf8');
  };
  const settings = written(replicationPaths.settings) ?? '';
  const password = /^doveadm_password = (\S+)$/m.exec(written(replicationPaths.password) ?? '')?.[1] ?? '';
  const [, scheme, , port] = /mail_replica = (tcps?):([^:\s]+):(\d+)/.exec(settings) ?? [];
  const [certificate, key] = [written(replicationPaths.certificate), written(replicationPaths.key)];
  return {
    version: 1,
    partner: here.hostname,
    addresses: here.addresses,
    port: Number(port ?? usualPort),
    connections: Number(/^replication_max_conns = (\d+)$/m.exec(settings)?.[1] ?? usualConnections),
    tls: scheme === 'tcp' ? 'none' : 'pair',
    password,
    ...(scheme === 'tcp' || certificate === undefined || key === undefined ? {} : {certificate, key}),
    report: here,
  };
};

/** An account that both have, for the message that crosses; its password is not needed for that. */
export const withUser = (plan: Plan, here: SideReport, there: SideReport): Plan => {
  const user = here.users?.find(name => there.users?.includes(name));
  return user === undefined
    ? plan
    : {
        ...plan,
        probes: plan.probes.map(probe =>
          probe.kind === 'replication' ? {...probe, account: {user, password: 'keep'}} : probe,
        ),
      };
};
