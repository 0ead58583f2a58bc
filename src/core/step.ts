import type {Facts} from './facts.js';
import type {Finding} from './finding.js';
import type {Material, MaterialRequest} from './material.js';
import type {PackageNeed, Platform} from './platform.js';
import type {Probe} from './probe.js';
import type {AllAnswers, Answers, Questions} from './question.js';
import type {Text} from './text.js';
import type {Want} from './want.js';

/** What a section may look at when it plans. `answers` are its own, complete; `all` those of every section. */
export type PlanContext<Q extends Questions> = {
  readonly answers: Answers<Q>;
  readonly all: AllAnswers;
  readonly facts: Facts;
  readonly platform: Platform;
  readonly materials: Readonly<Record<string, Material>>;
};

/** One topic of the wizard. Everything in it is pure and synchronous; it says what, never where or how. */
export type Step<Q extends Questions = Questions> = {
  readonly id: string;
  readonly title: Text;
  /** One sentence: what it is for. */
  readonly why: Text;
  /** Which server it is about; without one, both: a side that somebody configured is adopted, the other is asked. */
  readonly side?: 'dovecot' | 'postfix';
  /** Sections whose answers it reads. */
  readonly needs: readonly string[];
  /**
   * What it owns: names of neutral Dovecot settings, `main.cf:NAME`, `master:NAME/TYPE`, `port:N`, `unit:NAME`; a trailing `*`
   * is a prefix. Only the owner may want one absent or unset.
   */
  readonly owns: readonly string[];
  readonly questions: Q;
  /** Questions of its own whose other answer leaves nothing of what was adopted: another database has another server and password. */
  readonly anew?: readonly string[];
  /** Questions on the wizard's main line are asked in this section's place. */
  applies?(facts: Facts, all: AllAnswers): boolean;
  packages?(context: {
    readonly answers: Answers<Q>;
    readonly all: AllAnswers;
    readonly platform: Platform;
  }): readonly PackageNeed[];
  materials?(context: Omit<PlanContext<Q>, 'materials'>): readonly MaterialRequest[];
  /** The machine's present state as answers; what no question can express is listed in `custom`. */
  adopt(facts: Facts, platform: Platform): Answers<Q>;
  plan(context: PlanContext<Q>): readonly Want[];
  probes(context: PlanContext<Q>): readonly Probe[];
  /** What the review should say beside the diff: risks accepted, advice of the documents not followed. */
  notes?(context: PlanContext<Q>): readonly Finding[];
};

/** Keeps the literal types of the questions. */
export const defineStep = <const Q extends Questions>(step: Step<Q>): Step<Q> => step;
