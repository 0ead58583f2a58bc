import {type AnswerFinding, cautionsOf, checkAnswers} from '../answers/check.js';
import {checkSecrets} from '../answers/secrets.js';
import type {ChangeContext} from '../changes/types.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers} from '../core/question.js';
import {isChosen, type Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import type {Text} from '../core/text.js';
import {version} from '../core/version.js';
import {prepareMaterials, recordId} from '../materials/prepare.js';
import {activationsOf} from '../planner/activations.js';
import {compile} from '../planner/compile.js';
import {basesOf, factsAfresh} from '../planner/fresh.js';
import {platformNotes} from '../planner/platform-notes.js';
import {contradictions} from '../planner/owners.js';
import {applicable, collectMaterials, contextOf} from '../planner/wants.js';
import {keepArchives} from '../stage/packages.js';
import {openView, type OverlayView} from '../stage/view.js';
import {memoryBlobs} from '../system/blobs.js';
import type {Blobs, System} from '../system/types.js';
import {simulate} from '../transaction/simulate.js';
import {withFound} from '../transaction/stale.js';
import {adoptAll, customNotes, onTop} from './adopt.js';
import {stagesOf} from './hold.js';
import {resolver, previewContext} from './contents.js';
import {diffEffective, type Effective, effectiveOf} from './effective.js';
import {bareConfiguration, freshOf, isFresh, settled} from './fresh-start.js';
import {namedFindings} from './named.js';
import {withNamedUsers} from './named-users.js';
import {packagesChange} from './packages-change.js';
import {newPlanId} from './plan-id.js';
import {missingConfiguration} from './plan-refusals.js';
import {stageNeeds} from './stage-needs.js';
import {wantedOf} from './wanted.js';
import type {Vault} from './vault.js';

export type PlanRequest = {
  readonly system: System;
  readonly facts: Facts;
  readonly platform: Platform;
  readonly steps: readonly Step[];
  readonly answers: AllAnswers;
  /** Sections that may plan; of the others only what follows from their answers changes. */
  readonly scope: Scope;
  readonly vault: Vault;
  readonly say: (line: string) => void;
  /** What has to be said though nobody asked for more; `say` where it is missing. */
  readonly tell?: (text: Text) => void;
  /** Whether what can be tested while asking was tested, and perhaps overruled. */
  readonly checked?: boolean;
  /** Seconds to wait for another run of the package manager. */
  readonly lockWait?: number;
};

export type MadePlan =
  | {readonly kind: 'refused'; readonly findings: readonly AnswerFinding[]}
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly blobs: Blobs;
      readonly resolve: ChangeContext['resolve'];
      /** Copies what the apply needs out of the staged tree. */
      readonly keep: () => void;
      readonly close: () => void;
    };

/** From answers to a plan: stage what is missing, look at it, compile the wants, and simulate them there. Nothing on the machine changes. */
export const makePlan = async (given: PlanRequest): Promise<MadePlan> => {
  const {system, platform, steps, vault} = given;
  const facts = await withNamedUsers(system, given.facts, given.answers);
  const wish = {...given, facts};
  const base = adoptAll(steps, facts, platform);
  const said = onTop(base, wish.answers, steps);
  const {answers, fresh, problems} = settled(steps, said, {facts, platform}, wish.scope);
  if (problems.length > 0) {
    return {kind: 'refused', findings: problems};
  }

  // What starts again does so as a whole.
  const request = fresh ? {...wish, scope: {...wish.scope, named: []}} : wish;
  const asked = {facts, platform, answers};
  const shaped = checkAnswers(steps, asked);
  const wrong = shaped.length > 0 ? shaped : checkSecrets(steps, asked, vault.open);
  if (wrong.length > 0) {
    return {kind: 'refused', findings: wrong};
  }

  const gone = fresh ? undefined : missingConfiguration(facts, answers, platform);
  if (gone !== undefined) {
    return {kind: 'refused', findings: [gone]};
  }

  const named = await namedFindings(request, base, answers);
  if (named.some(({severity}) => severity === 'fail')) {
    return {kind: 'refused', findings: named};
  }

  const view = await openView(system);
  try {
    const made = await planOn(view, request, base, answers, named);
    if (made.kind === 'refused') {
      view.close();
    }

    return made;
  } catch (error) {
    view.close();
    throw error;
  }
};

const planOn = async (
  view: OverlayView,
  request: PlanRequest,
  base: AllAnswers,
  answers: AllAnswers,
  named: readonly Finding[],
): Promise<MadePlan> => {
  const {system, platform, steps, vault} = request;
  const stage = await stageNeeds(view, request, base, answers);
  if (stage.kind === 'refused') {
    return stage;
  }

  const {staged, preseed} = stage;
  const fresh = isFresh(answers, request.scope) ? freshOf(view.system.files, stage.facts) : undefined;
  if (fresh !== undefined && !('stock' in fresh)) {
    return {kind: 'refused', findings: fresh};
  }

  const facts = fresh === undefined ? stage.facts : factsAfresh(stage.facts, fresh);
  const scenario = {steps, answers, facts, platform};
  const blobs = memoryBlobs();
  // What an administrator keeps in a file is read on the machine itself, and only where its section plans.
  const requests = collectMaterials(scenario).filter(
    ({kind}) => kind !== 'alias-file' || isChosen(request.scope, 'domains'),
  );
  const prepared = await prepareMaterials(requests, view.system, vault.open, {
    files: system.files,
    tell: request.tell ?? (text => request.say(text.en)),
    ...(fresh === undefined ? {} : {dovecot: bareConfiguration(view.system.files, fresh)}),
  });
  for (const {id, found} of Object.values(prepared.materials)) {
    if (found !== undefined) {
      blobs.put(prepared.bytes(id));
      blobs.put(prepared.bytes(recordId(id)));
    }
  }

  const wanted = wantedOf({
    scenario,
    base,
    said: request.answers,
    scope: request.scope,
    materials: prepared.materials,
  });
  const conflicts = contradictions(wanted, steps);
  const put = (text: string) => blobs.put(Buffer.from(text, 'latin1'));
  const compiled = compile({
    wants: wanted,
    facts,
    platform,
    put,
    ...(fresh === undefined ? {} : {fresh}),
  });
  const failures = [...conflicts, ...compiled.findings].filter(({severity}) => severity === 'fail');
  if (failures.length > 0) {
    return {kind: 'refused', findings: failures};
  }

  let before: Effective | undefined;
  const resolve = resolver(prepared, vault, blobs);
  const context: ChangeContext = {blobs, resolve, transaction: 'plan', say: () => undefined};
  const simulation = await simulate(
    compiled.changes,
    view.system,
    context,
    previewContext(view, blobs, resolve),
    async () => {
      before = await effectiveOf(view);
    },
  );
  const broken = simulation.findings.filter(({severity}) => severity === 'fail');
  if (broken.length > 0) {
    return {kind: 'refused', findings: broken};
  }

  const effective = before === undefined ? [] : diffEffective(before, await effectiveOf(view));
  const changes = simulation.changes.map(({change}) => change);
  const plan: Plan = {
    version: 1,
    id: newPlanId(),
    made: new Date().toISOString(),
    tool: version,
    platform: {id: platform.id, name: platform.name, forced: platform.id !== request.facts.platformId},
    ...(facts.dovecot === undefined ? {} : {dovecot: facts.dovecot.version}),
    ...(facts.postfix === undefined ? {} : {postfix: facts.postfix.version}),
    ...(fresh === undefined || changes.length === 0 ? {} : {fresh: basesOf(fresh, facts, put)}),
    sections: applicable(scenario).map(({id}) => id),
    stages: stagesOf({
      planned: staged.pinned.length === 0 ? simulation.changes : await withFound(simulation.changes, system),
      packages:
        staged.pinned.length === 0
          ? []
          : [
              {
                name: 'packages',
                changes: [await packagesChange(system, platform.packageManager, staged, preseed)],
              },
            ],
      facts: request.facts,
      platform,
      blobs,
      withPostfix: applicable(scenario).some(({side}) => side === 'postfix'),
    }),
    activations: activationsOf(
      changes,
      digest => blobs.get(digest).toString('latin1'),
      request.facts,
      platform,
      staged.pinned.map(({name}) => name),
    ),
    edits: compiled.edits,
    effective,
    probes: applicable(scenario).flatMap(step => step.probes(contextOf(scenario, step, prepared.materials))),
    notes: [
      ...named,
      ...platformNotes(platform, request.facts.platformId),
      ...customNotes(steps, {facts, platform, answers}, request.scope),
      ...(request.checked === true
        ? []
        : cautionsOf(steps, request.answers, base, {facts, platform, answers})),
      ...compiled.findings,
      ...applicable(scenario).flatMap(
        step => step.notes?.(contextOf(scenario, step, prepared.materials)) ?? [],
      ),
    ],
  };
  return {
    kind: 'plan',
    plan,
    blobs,
    resolve,
    keep: () => keepArchives(view.system.files, system.files, staged),
    close: view.close,
  };
};
