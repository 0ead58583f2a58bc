import {complete} from '../answers/complete.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {AllAnswers} from '../core/question.js';
import {isChosen} from '../core/scope.js';
import type {Text} from '../core/text.js';
import {detect} from '../detect/index.js';
import {withOthers} from '../detect/users.js';
import {collectPackages} from '../planner/wants.js';
import {type StagedPackages, stagePackages} from '../stage/packages.js';
import type {OverlayView} from '../stage/view.js';
import {waitingElsewhere} from '../system/other-mta.js';
import {waitForPackageLock} from '../system/package-lock.js';
import {packageManager} from '../system/package-managers.js';
import type {PlanRequest} from './make-plan.js';
import {preseedOf} from './packages-change.js';
import {makesRoom, needsPackages, queueOfOther} from './plan-refusals.js';

export type StagedNeeds =
  | {readonly kind: 'refused'; readonly findings: readonly Finding[]}
  | {
      readonly kind: 'staged';
      /** Of the machine as it will be with the packages. */
      readonly facts: Facts;
      readonly staged: StagedPackages;
      readonly preseed: ReturnType<typeof preseedOf>;
    };

/** Installs what the answers need and the machine lacks into the view, and says what the machine is then. */
export const stageNeeds = async (
  view: OverlayView,
  request: PlanRequest,
  base: AllAnswers,
  answers: AllAnswers,
): Promise<StagedNeeds> => {
  const {system, say} = request;
  const replaces = answers['packages']?.['replace_mta'] === true;
  const waits = replaces ? waitingElsewhere(system.files) : undefined;
  if (waits !== undefined && waits.count > 0) {
    return {kind: 'refused', findings: [queueOfOther(waits)]};
  }

  const names = missing(request, base, answers);
  const preseed = preseedOf(answers);
  if (names.length === 0) {
    const staged = {pinned: [], removes: [], kept: [], leaves: [], files: {}};
    return {kind: 'staged', facts: request.facts, staged, preseed};
  }

  if (system.ground === 'directory') {
    return {kind: 'refused', findings: [needsPackages(names)]};
  }

  const tell = request.tell ?? ((text: Text) => say(text.en));
  const manager = packageManager(request.platform.packageManager);
  await waitForPackageLock(manager, system.files, tell, request.lockWait);
  const staged = await stagePackages(view, manager, names, preseed, say);
  return staged.removes.length > 0 && !replaces
    ? {kind: 'refused', findings: [makesRoom(staged.removes)]}
    : {kind: 'staged', facts: await factsWith(view, request.facts), staged, preseed};
};

// A machine that works without a package goes on without it, unless an answer asks for more.
const missing = ({steps, platform, facts, scope}: PlanRequest, base: AllAnswers, answers: AllAnswers) => {
  const scenario = {steps, answers, facts, platform};
  const unasked = new Set(collectPackages({...scenario, answers: complete(steps, base, scenario)}));
  const isAdopted = Object.keys(base).length > 0;
  const needs = collectPackages({
    ...scenario,
    steps: steps.filter(({id}) => isChosen(scope, id) || id === 'packages'),
  });
  return [
    ...new Set(
      needs.filter(need => !isAdopted || !unasked.has(need)).flatMap(need => platform.packages[need] ?? []),
    ),
  ].filter(name => facts.packages[name] === undefined);
};

// Files, users and packages are those of the staged tree; the rest is the machine's own.
const factsWith = async (view: OverlayView, machine: Facts): Promise<Facts> => {
  const staged = await detect(view.system, {
    ground: 'stage',
    root: true,
    user: machine.session.user,
    ...(machine.platformNamed === undefined ? {} : {platform: machine.platformNamed}),
  });
  return {
    ...staged,
    users: withOthers(
      staged.users,
      machine.users.filter(({elsewhere}) => elsewhere === true),
    ),
    units: machine.units,
    ...(machine.databases === undefined ? {} : {databases: machine.databases}),
    firewall: machine.firewall,
    // The staged tree has no /sys.
    selinux: machine.selinux,
    listeners: machine.listeners,
    host: machine.host,
    dns: machine.dns,
    ...(machine.signing === undefined ? {} : {signing: machine.signing}),
    ...(machine.outboundSmtp === undefined ? {} : {outboundSmtp: machine.outboundSmtp}),
    configured: machine.configured,
  };
};
