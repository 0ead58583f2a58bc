import type {Facts} from '../core/facts.js';
import type {Material, MaterialRequest} from '../core/material.js';
import type {PackageNeed, Platform} from '../core/platform.js';
import type {AllAnswers} from '../core/question.js';
import type {PlanContext, Step} from '../core/step.js';
import type {Want} from '../core/want.js';

/** A want with the section that has it. */
export type OwnedWant = {readonly section: string; readonly want: Want};

/** What every section is given. */
export type Scenario = {
  readonly steps: readonly Step[];
  readonly answers: AllAnswers;
  readonly facts: Facts;
  readonly platform: Platform;
};

/** Sections that apply to these answers, in order. */
export const applicable = ({steps, answers, facts}: Pick<Scenario, 'steps' | 'answers' | 'facts'>) =>
  steps.filter(step => step.applies?.(facts, answers) ?? true);

/** What the sections want, in section order. */
export const collectWants = (
  scenario: Scenario,
  materials: Readonly<Record<string, Material>>,
): readonly OwnedWant[] =>
  applicable(scenario).flatMap(step =>
    step.plan(contextOf(scenario, step, materials)).map(want => ({section: step.id, want})),
  );

/** Keys, certificates and hashes that the sections need before they can plan. */
export const collectMaterials = (scenario: Scenario): readonly MaterialRequest[] =>
  applicable(scenario).flatMap(step => step.materials?.(contextOf(scenario, step, {})) ?? []);

/** Neutral names of the packages that the answers need; known before any file is looked at. */
export const collectPackages = (scenario: Scenario): readonly PackageNeed[] => [
  ...new Set(
    applicable(scenario).flatMap(
      step =>
        step.packages?.({
          answers: own(scenario.answers, step),
          all: scenario.answers,
          platform: scenario.platform,
        }) ?? [],
    ),
  ),
];

/** What one section may look at. */
export const contextOf = (
  {answers, facts, platform}: Scenario,
  step: Step,
  materials: Readonly<Record<string, Material>>,
): PlanContext<Step['questions']> => ({
  answers: own(answers, step),
  all: answers,
  facts,
  platform,
  materials,
});

// The answers were checked against the section's questions before.
const own = (answers: AllAnswers, step: Step) =>
  (answers[step.id] ?? {}) as PlanContext<Step['questions']>['answers'];
