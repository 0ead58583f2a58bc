import type {Finding} from '../../src/core/finding.js';
import type {Plan, PlannedChange} from '../../src/core/plan.js';
import type {AllAnswers, LiveCheck, LiveResult, Look, Looked} from '../../src/core/question.js';
import type {RunEvent} from '../../src/core/run-event.js';
import {literal, type Text} from '../../src/core/text.js';
import type {Engine, PlanResult, Scene} from '../../src/session/engine.js';
import {isChosen} from '../../src/core/scope.js';
import {applicable} from '../../src/planner/wants.js';
import {debian12Facts, debian12Platform} from './facts.js';
import {sampleSteps} from './sample-steps.js';

/** What the fake engine was asked, in order. */
export type Asked =
  | {readonly call: 'plan'; readonly answers: AllAnswers; readonly sections: readonly string[]}
  | {readonly call: 'apply' | 'interrupt' | 'recover' | 'forget' | 'prestage' | 'confirm'}
  | {readonly call: 'rollback'; readonly id: string | undefined}
  | {readonly call: 'save'; readonly answers: AllAnswers}
  | {readonly call: 'save-diff'; readonly path: string};

export type FakeEngine = Engine & {
  readonly asked: readonly Asked[];
  readonly held: ReadonlyMap<string, string>;
};

export type FakeOptions = {
  readonly scene?: Partial<Scene>;
  readonly live?: (signal: AbortSignal, check: LiveCheck) => Promise<LiveResult>;
  readonly look?: (look: Look) => Promise<Looked>;
  readonly result?: (sections: readonly string[]) => PlanResult | Promise<PlanResult>;
  readonly events?: readonly RunEvent[];
  /** What each attempt to confirm says is missing, one after another. */
  readonly confirm?: readonly (Finding | undefined)[];
  /** Milliseconds between two events. @default 0 */
  readonly pace?: number;
};

/** An engine that asks nothing of the world; what it was asked is kept for the test. */
export const fakeEngine = (options: FakeOptions = {}): FakeEngine => {
  const asked: Asked[] = [];
  const held = new Map<string, string>();
  const hold = (value: string) => {
    const id = `h${held.size + 1}`;
    held.set(id, value);
    return id;
  };
  let stopped = false;
  const play = async (events: readonly RunEvent[], onEvent: (event: RunEvent) => void) => {
    for (const event of events) {
      await new Promise(resolve => setTimeout(resolve, options.pace ?? 0));
      if (stopped && event.type !== 'finished') {
        break;
      }

      onEvent(event);
    }

    if (stopped) {
      onEvent({type: 'undo-start', total: 1});
      onEvent({type: 'undone', id: 'a'});
      onEvent({type: 'finished', outcome: 'interrupted', ms: 1});
    }
  };

  return {
    asked,
    held,
    outlives: false,
    detach: () => undefined,
    attach: onEvent => play(options.events ?? goodRun, onEvent),
    detect: async () => ({
      facts: debian12Facts(),
      platform: debian12Platform,
      steps: sampleSteps,
      adopted: {},
      ...options.scene,
    }),
    hold,
    generate: () => ({held: hold('kabu12-nolo34'), value: 'kabu12-nolo34'}),
    prestage: () => void asked.push({call: 'prestage'}),
    liveCheck: (check, signal) => options.live?.(signal, check) ?? Promise.resolve([]),
    look: look => options.look?.(look) ?? Promise.resolve({kind: 'offers', offers: []}),
    plan: async (answers, scope, say) => {
      const facts = options.scene?.facts ?? debian12Facts();
      const sections = applicable({steps: options.scene?.steps ?? sampleSteps, answers, facts})
        .map(({id}) => id)
        .filter(id => isChosen(scope, id));
      asked.push({call: 'plan', answers, sections});
      say('dovecot-core: unpacking');
      return (await options.result?.(sections)) ?? {kind: 'plan', plan: samplePlan(sections)};
    },
    apply: async (_plan, onEvent) => {
      asked.push({call: 'apply'});
      await play(options.events ?? goodRun, onEvent);
    },
    interrupt: () => {
      asked.push({call: 'interrupt'});
      stopped = true;
    },
    rollback: async ({id}, onEvent) => {
      asked.push({call: 'rollback', id});
      await play(undoRun, onEvent);
    },
    confirm: async () => {
      asked.push({call: 'confirm'});
      return options.confirm?.[asked.filter(({call}) => call === 'confirm').length - 1];
    },
    recover: async onEvent => {
      asked.push({call: 'recover'});
      await play(undoRun, onEvent);
    },
    handover: () => [literal('IMAP mail.example.com 993')],
    saveProgress: answers => void asked.push({call: 'save', answers}),
    forgetProgress: () => void asked.push({call: 'forget'}),
    saveDiff: async (_plan, path) => {
      asked.push({call: 'save-diff', path});
      return undefined;
    },
  };
};

export const finding = (severity: Finding['severity'], summary: string): Finding => ({
  id: summary,
  severity,
  summary: literal(summary),
  ...(severity === 'pass'
    ? {}
    : {cause: literal(`Cause of ${summary}`), remedy: literal(`Remedy of ${summary}`)}),
});

const t = (title: string): Text => ({en: title, ja: title});

export const goodRun: readonly RunEvent[] = [
  {type: 'transaction', id: '20261123T100000Z-abc', total: 2},
  {type: 'stage', name: 'packages'},
  {type: 'change-start', id: 'a', index: 0, title: t('Install 4 packages')},
  {type: 'line', text: 'Setting up dovecot-core (1:2.3.19.1) ...'},
  {type: 'change-done', id: 'a', ms: 1200},
  {type: 'stage', name: 'configuration'},
  {type: 'change-start', id: 'b', index: 1, title: t('/etc/dovecot/conf.d/10-ssl.conf: 2 lines')},
  {type: 'change-done', id: 'b', ms: 3},
  {type: 'activation', unit: 'dovecot.service', act: 'restart', ok: true, ms: 300},
  {type: 'proving', total: 2},
  {type: 'finding', finding: finding('pass', 'IMAP login works')},
  {type: 'finding', finding: finding('pass', 'Relay is refused')},
  {type: 'finished', outcome: 'committed', ms: 4200},
];

/** As `goodRun`, but the proof fails and the changes stay. */
export const unprovedRun: readonly RunEvent[] = [
  ...goodRun.slice(0, -2),
  {
    type: 'finding',
    finding: {...finding('fail', 'Relay is not refused'), evidence: ['postfix/smtpd: 250 2.1.5 Ok']},
  },
  {type: 'finding', finding: finding('unchecked', 'Port 25 from outside')},
  {type: 'finished', outcome: 'unproved', ms: 4200},
];

/** As `goodRun`, but it goes back unless it is confirmed. */
export const pendingRun: readonly RunEvent[] = [
  ...goodRun.slice(0, -1),
  {
    type: 'pending',
    deadline: new Date(Date.now() + 3_600_000).toISOString(),
    finding: finding('warning', 'Unless it is confirmed, it goes back'),
  },
  ...goodRun.slice(-1),
];

const undoRun: readonly RunEvent[] = [
  {type: 'transaction', id: '20261123T100000Z-abc', total: 2},
  {type: 'undo-start', total: 2},
  {type: 'undone', id: 'b'},
  {type: 'undone', id: 'a'},
  {type: 'finished', outcome: 'rolled-back', ms: 900},
];

/** A plan with a package change and a file of `lines` changed lines for each section. */
export const samplePlan = (sections: readonly string[], lines = 2): Plan => ({
  version: 1,
  id: '20261123T100000Z-abc',
  made: '2026-11-23T10:00:00Z',
  tool: 'test',
  platform: {id: 'debian12', name: 'Debian 12', forced: false},
  sections,
  stages: [{name: 'configuration', changes: sections.map(section => sampleChange(section, lines))}],
  activations: [{unit: 'dovecot.service', act: 'restart', because: t('new listeners')}],
  edits: {dovecot: [], main: [], master: []},
  effective: [{of: 'doveconf', lines: ['-ssl = yes', '+ssl = required']}],
  probes: [],
  notes: [finding('warning', 'Port 25 may be closed')],
});

const sampleChange = (section: string, lines: number): PlannedChange => ({
  change: {
    id: `file.delete /etc/${section}`,
    sections: [section],
    kind: 'file.delete',
    path: `/etc/${section}`,
  },
  seen: 'x',
  preview: {
    action: 'update',
    certainty: 'exact',
    reversible: 'exact',
    title: t(`/etc/dovecot/${section}.conf: ${lines} lines`),
    body: [
      '@@ -1,2 +1,2 @@',
      ...Array.from({length: lines}, (_, index) => [`-old ${index}`, `+new ${index}`]).flat(),
    ],
  },
});
