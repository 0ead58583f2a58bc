import {randomBytes} from 'node:crypto';
import {complete} from '../answers/complete.js';
import {type AnswerFinding, checkAnswers} from '../answers/check.js';
import {checkSecrets} from '../answers/secrets.js';
import type {ChangeContext, PreviewContext} from '../changes/types.js';
import type {Change} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {EffectiveDiff, Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers} from '../core/question.js';
import {masked} from '../core/secret.js';
import type {Step} from '../core/step.js';
import {fill, type Text} from '../core/text.js';
import {version} from '../core/version.js';
import type {Content} from '../core/want.js';
import {detect} from '../detect/index.js';
import {diffLines} from '../config/diff.js';
import {type Prepared, prepareMaterials} from '../materials/prepare.js';
import {activationsOf} from '../planner/activations.js';
import {withoutAdopted} from '../planner/adoption.js';
import {compile} from '../planner/compile.js';
import {platformNotes} from '../planner/platform-notes.js';
import {contradictions} from '../planner/owners.js';
import {applicable, collectMaterials, collectPackages, collectWants, contextOf} from '../planner/wants.js';
import {keepArchives, type StagedPackages, stagePackages} from '../stage/packages.js';
import {openView, type OverlayView} from '../stage/view.js';
import {memoryBlobs} from '../system/blobs.js';
import {waitingElsewhere} from '../system/other-mta.js';
import {waitForPackageLock} from '../system/package-lock.js';
import type {Blobs, System} from '../system/types.js';
import {simulate} from '../transaction/simulate.js';
import {withFound} from '../transaction/stale.js';
import {adoptAll, beyondAdoption, customNotes, onTop} from './adopt.js';
import {stagesOf} from './hold.js';
import {namedFiles} from './named-files.js';
import type {Vault} from './vault.js';

export type PlanRequest = {
  readonly system: System;
  readonly facts: Facts;
  readonly platform: Platform;
  readonly steps: readonly Step[];
  readonly answers: AllAnswers;
  /** Sections that may plan; the others are adopted for reading only. None: all. */
  readonly sections: readonly string[];
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
      readonly resolve: ChangeContext['resolve'] /** Copies what the apply needs out of the staged tree. */;
      readonly keep: () => void;
      readonly close: () => void;
    };

/** From answers to a plan: stage what is missing, look at it, compile the wants, and simulate them there. Nothing on the machine changes. */
export const makePlan = async (request: PlanRequest): Promise<MadePlan> => {
  const {system, platform, steps, vault, say} = request;
  const base = adoptAll(steps, request.facts, platform);
  const answers = complete(steps, onTop(base, request.answers), {facts: request.facts, platform});
  const asked = {facts: request.facts, platform, answers};
  const shaped = checkAnswers(steps, asked);
  const wrong = shaped.length > 0 ? shaped : checkSecrets(steps, asked, vault.open);
  if (wrong.length > 0) {
    return {kind: 'refused', findings: wrong};
  }

  const named = request.checked === true ? [] : namedFiles(request, base, answers);
  if (named.some(({severity}) => severity === 'fail')) {
    return {kind: 'refused', findings: named};
  }

  const view = await openView(system);
  try {
    const scenario = {steps, answers, facts: request.facts, platform};
    const chosen = (id: string) => request.sections.length === 0 || request.sections.includes(id);
    // A machine that works without a package goes on without it, unless an answer asks for more.
    const unasked = new Set(collectPackages({...scenario, answers: complete(steps, base, scenario)}));
    const isAdopted = Object.keys(base).length > 0;
    const names = [
      ...new Set(
        collectPackages({...scenario, steps: steps.filter(({id}) => chosen(id) || id === 'packages')})
          .filter(need => !isAdopted || !unasked.has(need))
          .flatMap(need => platform.packages[need] ?? []),
      ),
    ].filter(name => request.facts.packages[name] === undefined);
    if (system.ground === 'directory' && names.length > 0) {
      view.close();
      return {kind: 'refused', findings: [needsPackages(names)]};
    }

    const replaces = answers['packages']?.['replace_mta'] === true;
    const waits = names.includes('postfix') && replaces ? waitingElsewhere(system.files) : undefined;
    if (waits !== undefined && waits.count > 0) {
      view.close();
      return {kind: 'refused', findings: [queueOfOther(waits)]};
    }

    const preseed = preseedOf(answers);
    if (names.length > 0) {
      const tell = request.tell ?? ((text: Text) => say(text.en));
      await waitForPackageLock(system.files, tell, request.lockWait);
    }

    const staged =
      names.length === 0
        ? {pinned: [], removes: [], kept: [], leaves: []}
        : await stagePackages(view, names, preseed, say);
    if (staged.removes.length > 0 && !replaces) {
      view.close();
      return {kind: 'refused', findings: [makesRoom(staged.removes)]};
    }

    const facts =
      names.length === 0
        ? request.facts
        : {
            ...(await detect(view.system, {
              ground: 'stage',
              root: true,
              user: request.facts.session.user,
            })),
            units: request.facts.units,
            firewall: request.facts.firewall,
            // The staged tree has no /sys.
            selinux: request.facts.selinux,
            listeners: request.facts.listeners,
            host: request.facts.host,
            dns: request.facts.dns,
            ...(request.facts.outboundSmtp === undefined ? {} : {outboundSmtp: request.facts.outboundSmtp}),
            configured: request.facts.configured,
          };
    const settled = {...scenario, facts};
    const blobs = memoryBlobs();
    const prepared = await prepareMaterials(collectMaterials(settled), view.system, vault.open);
    const wants = collectWants(settled, prepared.materials);
    const adopted = collectWants(
      {...settled, answers: complete(steps, base, {facts, platform})},
      prepared.materials,
    );
    const wanted = withoutAdopted(wants, adopted, facts, beyondAdoption(base, request.answers)).filter(
      ({section}) => chosen(section),
    );
    const conflicts = contradictions(wanted, steps);
    const compiled = compile({
      wants: wanted,
      facts,
      platform,
      put: text => blobs.put(Buffer.from(text, 'latin1')),
    });
    const failures = [...conflicts, ...compiled.findings].filter(({severity}) => severity === 'fail');
    if (failures.length > 0) {
      view.close();
      return {kind: 'refused', findings: failures};
    }

    const before = await effectiveOf(view);
    const resolve = resolver(prepared, vault, blobs);
    const context: ChangeContext = {blobs, resolve, transaction: 'plan', say: () => undefined};
    const simulation = await simulate(
      compiled.changes,
      view.system,
      context,
      previewContext(view, blobs, resolve),
    );
    const broken = simulation.findings.filter(({severity}) => severity === 'fail');
    if (broken.length > 0) {
      view.close();
      return {kind: 'refused', findings: broken};
    }

    const effective = simulation.changes.length === 0 ? [] : diffEffective(before, await effectiveOf(view));
    const changes = simulation.changes.map(({change}) => change);
    const plan: Plan = {
      version: 1,
      id: newPlanId(),
      made: new Date().toISOString(),
      tool: version,
      platform: {id: platform.id, name: platform.name, forced: platform.id !== request.facts.platformId},
      ...(facts.dovecot === undefined ? {} : {dovecot: facts.dovecot.version}),
      ...(facts.postfix === undefined ? {} : {postfix: facts.postfix.version}),
      sections: applicable(settled).map(({id}) => id),
      stages: stagesOf({
        planned:
          staged.pinned.length === 0 ? simulation.changes : await withFound(simulation.changes, system),
        packages:
          staged.pinned.length === 0
            ? []
            : [{name: 'packages', changes: [await packagesChange(system, staged, preseed)]}],
        facts: request.facts,
        platform,
        blobs,
        withPostfix: applicable(settled).some(({side}) => side === 'postfix'),
      }),
      activations: activationsOf(
        changes,
        compiled.edits,
        request.facts,
        platform,
        staged.pinned.map(({name}) => name),
      ),
      edits: compiled.edits,
      effective,
      probes: applicable(settled).flatMap(step => step.probes(contextOf(settled, step, prepared.materials))),
      notes: [
        ...named,
        ...platformNotes(platform, request.facts.platformId),
        ...customNotes(steps, {facts, platform, answers}, request.sections),
        ...compiled.findings,
        ...applicable(settled).flatMap(
          step => step.notes?.(contextOf(settled, step, prepared.materials)) ?? [],
        ),
      ],
    };
    return {
      kind: 'plan',
      plan,
      blobs,
      resolve,
      keep: () => keepArchives(view.system.files, system.files, [...staged.pinned, ...staged.kept]),
      close: view.close,
    };
  } catch (error) {
    view.close();
    throw error;
  }
};

/** Ids sort by time. */
export const newPlanId = () =>
  `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

// What waits there would never be sent.
const queueOfOther = (waits: ReturnType<typeof waitingElsewhere>): Finding => ({
  id: 'packages:other-queue',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.otherQueue, waits),
  remedy: texts.otherQueueRemedy,
});

// Nothing that is installed goes without consent.
const makesRoom = (names: readonly string[]): Finding => ({
  id: 'packages:removes',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.makesRoom, {names: names.join(', ')}),
  remedy: fill(texts.makesRoomRemedy, {names: names.join(' ')}),
});

// Package scripts want a machine that runs; a tree gets its packages from whoever builds it.
const needsPackages = (names: readonly string[]): Finding => ({
  id: 'tree:packages',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.packages, {names: names.join(' ')}),
  remedy: texts.packagesRemedy,
});

const texts = {
  otherQueue: {
    en: '{count} messages wait in the queue of the other mail server ({path}); removed, it would never send them.',
    ja: '別のメールサーバーのキュー ({path}) にメールが {count} 通あり、削除すると送信されません。',
  },
  otherQueueRemedy: {
    en: 'Send them (“mailq” shows them, “exim4 -qff” or “sendmail -q” sends) or remove them there, then start again.',
    ja: '送信するか (「mailq」で確認、「exim4 -qff」「sendmail -q」で送信) 削除してから、再実行してください。',
  },
  makesRoom: {
    en: 'These packages cannot stand beside those that are needed: {names}.',
    ja: '必要なパッケージと共存できないパッケージがあります: {names}',
  },
  makesRoomRemedy: {
    en: 'Remove them first (“apt-get remove {names}”), then start again.',
    ja: '先に「apt-get remove {names}」で削除してから再実行してください。',
  },
  packages: {
    en: 'The tree lacks packages: {names}.',
    ja: 'ツリーに必要なパッケージがありません: {names}',
  },
  packagesRemedy: {
    en: 'Install them into it first (mmdebstrap, chroot), then run this again.',
    ja: '先に mmdebstrap や chroot で導入してから、もう一度実行してください。',
  },
} satisfies Record<string, Text>;

const preseedOf = (answers: AllAnswers) => {
  const name = String(answers['role']?.['hostname'] ?? 'localhost');
  return [
    {package: 'postfix', question: 'postfix/main_mailer_type', type: 'select', value: 'Internet Site'},
    {package: 'postfix', question: 'postfix/mailname', type: 'string', value: name},
  ];
};

const packagesChange = async (
  system: System,
  {pinned: packages, removes, kept, leaves}: StagedPackages,
  preseed: ReturnType<typeof preseedOf>,
) => {
  const {handlerOf} = await import('../changes/index.js');
  const {digestOf} = await import('../system/blobs.js');
  const change: Change = {
    id: 'package.install',
    sections: ['packages'],
    kind: 'package.install',
    packages,
    removes,
    ...(kept.length === 0 ? {} : {kept}),
    leaves,
    preseed,
  };
  const handler = handlerOf(change);
  const seen = await handler.observe(system, change);
  const preview = handler.preview(change, seen, {
    blobs: memoryBlobs(),
    read: () => undefined,
    masked: () => '',
    certainty: 'exact',
  });
  return {change, preview, seen: digestOf(JSON.stringify(seen))};
};

const resolver =
  (prepared: Prepared, vault: Vault, blobs: Blobs): ChangeContext['resolve'] =>
  content =>
    Buffer.concat(
      content.map(part =>
        'text' in part
          ? Buffer.from(part.text, 'latin1')
          : 'blob' in part
            ? blobs.get(part.blob)
            : 'material' in part
              ? prepared.bytes(part.material)
              : Buffer.from(vault.open(part.secret)?.reveal() ?? ''),
      ),
    );

// A certificate is public: its text may be shown; keys, hashes and secrets are not.
export const previewContext = (
  view: OverlayView,
  blobs: Blobs,
  resolve: ChangeContext['resolve'],
): PreviewContext => ({
  blobs,
  read: path => view.system.files.read(path, {follow: true})?.toString('latin1'),
  masked: (content: Content) =>
    content
      .map(part =>
        'text' in part
          ? part.text
          : 'material' in part && ['tls.certificate', 'tls.request'].includes(part.material)
            ? resolve([part]).toString('latin1')
            : masked,
      )
      .join(''),
  holds: (content, text) => resolve(content).toString('latin1') === text,
  certainty: 'exact',
});

export type Effective = Readonly<Record<EffectiveDiff['of'], string>>;

/** The daemons' own view of their configuration, in the tree that a view shows. */
export const effectiveOf = async ({system: {run}}: OverlayView): Promise<Effective> => {
  const [doveconf, postconf, services] = await Promise.all([
    run('/usr/bin/doveconf', ['-n']),
    run('/usr/sbin/postconf', ['-n']),
    run('/usr/sbin/postconf', ['-M']),
  ]);
  return {
    doveconf: doveconf.stdout.replace(/^# .*\n/gm, ''),
    postconf: postconf.stdout,
    'postconf -M': services.stdout,
  };
};

/** Lines that came or went. */
export const diffEffective = (before: Effective, after: Effective): readonly EffectiveDiff[] =>
  (Object.keys(before) as EffectiveDiff['of'][])
    .map(of => ({of, lines: diffLines(of, before[of], after[of]).filter(line => /^[+-]/.test(line))}))
    .filter(({lines}) => lines.length > 0);
