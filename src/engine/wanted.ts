import {complete} from '../answers/complete.js';
import type {AllAnswers} from '../core/question.js';
import {isChosen, mayFollow, type Scope} from '../core/scope.js';
import {isAdoptable, withoutAdopted} from '../planner/adoption.js';
import {collectMaterials, collectWants, type OwnedWant, type Scenario} from '../planner/wants.js';
import type {Material} from '../core/material.js';
import {beyondAdoption, onTop} from './adopt.js';

export type WantedInput = {
  /** With the complete answers: what the machine's state means, what was said, and the defaults. */
  readonly scenario: Scenario;
  readonly base: AllAnswers;
  readonly said: AllAnswers;
  readonly scope: Scope;
  readonly materials: Readonly<Record<string, Material>>;
};

/**
 * What a run wants: what the sections asked for want beyond the machine as it is, and, of the others, what follows from those
 * answers. A new account is of no use until Postfix knows its address, whichever section writes that down.
 */
export const wantedOf = ({scenario, base, said, scope, materials}: WantedInput): readonly OwnedWant[] => {
  const {steps, facts, platform} = scenario;
  const answered = (answers: AllAnswers): Scenario => ({
    ...scenario,
    answers: complete(steps, answers, {facts, platform}),
  });
  const present = answered(base);
  const adopted = collectWants(present, materials);
  const own = withoutAdopted(
    collectWants(scenario, materials),
    adopted,
    facts,
    beyondAdoption(base, said),
  ).filter(({section}) => isChosen(scope, section));
  if (scope.named.length === 0) {
    return own;
  }

  const saidThere = Object.fromEntries(Object.entries(said).filter(([section]) => isChosen(scope, section)));
  const moved = answered(onTop(base, saidThere, steps));
  const renewed = renewedMaterials(present, moved);
  const following = withoutAdopted(collectWants(moved, materials), adopted, facts).filter(
    ({section, want}) =>
      mayFollow(scope, section) &&
      // A side that nobody has configured is set up when it is asked for, not on the way.
      isAdoptable(want, facts) &&
      materialsIn(want).every(id => renewed.has(id)),
  );
  return inOrder([...own, ...following], scenario);
};

// Made anew are only those of which something else is asked now (a certificate for another name).
const renewedMaterials = (present: Scenario, moved: Scenario): ReadonlySet<string> => {
  const known = new Set(collectMaterials(present).map(request => JSON.stringify(request)));
  return new Set(
    collectMaterials(moved)
      .filter(request => !known.has(JSON.stringify(request)))
      .map(({id}) => id),
  );
};

const materialsIn = (want: OwnedWant['want']): readonly string[] =>
  want.kind === 'file' && want.state === 'present'
    ? want.content.flatMap(part => ('material' in part ? [part.material] : []))
    : [];

const inOrder = (wants: readonly OwnedWant[], {steps}: Scenario): readonly OwnedWant[] => {
  const place = new Map(steps.map(({id}, index) => [id, index]));
  return wants.toSorted((one, other) => (place.get(one.section) ?? 0) - (place.get(other.section) ?? 0));
};
