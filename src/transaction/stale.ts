import {handlerOf} from '../changes/index.js';
import type {Change} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {type Plan, type PlannedChange, planChanges} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import type {System} from '../system/types.js';

/**
 * Refuses a plan where what it is about moved since the review (exit code 5): somebody's edit, file or user would be changed in
 * a way that nobody has seen. Where packages come first, what they bring is compared later, when it is captured.
 */
export const refuseStale = async (plan: Plan, system: System): Promise<void> => {
  const installs = plan.stages.some(({name}) => name === 'packages');
  for (const {change, seen, found} of firstOfEach(planChanges(plan))) {
    // What is not there with the packages is not there without them either.
    const before = installs && change.kind !== 'package.install' && seen !== absent ? found : seen;
    if (before !== undefined && (await lookOf(change, system)) !== before) {
      throw new ProblemError({
        code: exitCode.stalePlan,
        what: fill(texts.stale, {what: change.id}),
        remedy: texts.staleRemedy,
      });
    }
  }
};

/** Notes beside each change how its thing looks on the machine itself, for a plan that was made where packages are installed already. */
export const withFound = async (
  changes: readonly PlannedChange[],
  system: System,
): Promise<readonly PlannedChange[]> => {
  const firsts = new Set(firstOfEach(changes));
  return Promise.all(
    changes.map(async planned =>
      firsts.has(planned) ? {...planned, found: await lookOf(planned.change, system)} : planned,
    ),
  );
};

/** What is noted of a thing that is not there. */
const absent = digestOf('null');

const lookOf = async (change: Change, system: System) =>
  digestOf(JSON.stringify(await handlerOf(change).observe(system, change)));

// Of several changes to one thing only the first sees what others left: a later one sees what the earlier one made.
const firstOfEach = (changes: readonly PlannedChange[]) => {
  const touched = new Set<string>();
  return changes.filter(({change, seen}) => {
    const thing = thingOf(change);
    if (thing === undefined || seen === '') {
      return false;
    }

    const isFirst = !touched.has(thing);
    touched.add(thing);
    return isFirst;
  });
};

// What a change is about, where nothing but a change of the same thing can alter how it looks.
const thingOf = (change: Change) => {
  switch (change.kind) {
    case 'config.edit':
    case 'rows.edit':
    case 'file.write':
    case 'file.delete':
    case 'directory.create':
      return change.path;
    case 'user.create':
      return `user ${change.name}`;
    case 'package.install':
      return 'packages';
    default:
      return undefined;
  }
};

const texts = {
  stale: {
    en: 'The machine moved since the review: {what}.',
    ja: '確認後にマシンの状態が変わりました: {what}',
  },
  staleRemedy: {
    en: 'Plan again and look at the new diff.',
    ja: 'もう一度計画を作り、新しい差分を確認してください。',
  },
} satisfies Record<string, Text>;
