import {complete} from '../../src/answers/complete.js';
import {problemOf} from '../../src/answers/check.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers, Question} from '../../src/core/question.js';
import type {Step} from '../../src/core/step.js';
import type {RowsWant, Want} from '../../src/core/want.js';
import {collectWants, contextOf, type OwnedWant} from '../../src/planner/wants.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform} from './facts.js';

type Scene = {readonly answers?: AllAnswers; readonly facts?: Facts; readonly platform?: Platform};

/** All answers with every default filled in, as a run has them. */
export const answersOf = ({
  answers = completeAnswers(),
  facts = debian12Facts(),
  platform = debian12Platform,
}: Scene) => complete(steps, answers, {facts, platform});

/** What one section wants. */
export const wantsOf = (id: string, scene: Scene = {}): readonly Want[] =>
  allWants(scene).flatMap(({section, want}) => (section === id ? [want] : []));

/** What all sections want. Materials are taken as made. */
export const allWants = (scene: Scene = {}): readonly OwnedWant[] => {
  const {facts = debian12Facts(), platform = debian12Platform} = scene;
  return collectWants({steps, answers: answersOf(scene), facts, platform}, {});
};

/** What main.cf is asked to say, by parameter; an unset is undefined, an item of a list is left out. */
export const mainSettings = (wants: readonly Want[]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    wants.flatMap(want =>
      want.kind === 'setting' && want.in === 'main.cf'
        ? [[want.at, want.op === 'set' ? want.value : undefined]]
        : [],
    ),
  );

/** Items of a list of main.cf, as `+item` or `-item`. */
export const mainItems = (wants: readonly Want[], at: string): readonly string[] =>
  wants.flatMap(want =>
    want.kind === 'item' && want.in === 'main.cf' && want.at === at
      ? [`${want.state === 'present' ? '+' : '-'}${want.value}`]
      : [],
  );

/** Rows wanted of a file, as text; secrets as •. */
export const rowsWanted = (wants: readonly Want[], file: string): readonly string[] =>
  wants
    .filter((want): want is RowsWant => want.kind === 'rows' && want.file === file)
    .flatMap(want => want.rows)
    .map(row =>
      row.state === 'present'
        ? row.content.map(part => ('text' in part ? part.text : '•')).join('')
        : `- ${row.key}`,
    );

/** Ports wanted of the firewall, as `+25` or `-25`. */
export const portsWanted = (wants: readonly Want[]): readonly string[] =>
  wants.flatMap(want =>
    want.kind === 'port' ? [`${want.state === 'present' ? '+' : '-'}${want.port}`] : [],
  );

/** Why a value is no answer, in English; undefined where it is one. */
export const refusal = (
  section: string,
  id: string,
  value: unknown,
  scene: Scene = {},
): string | undefined => {
  const {facts = debian12Facts(), platform = debian12Platform} = scene;
  return problemOf(questionOf(section, id), value, {facts, platform, answers: answersOf(scene)})?.en;
};

/** What is said about a value that is accepted. */
export const cautionOf = (
  section: string,
  id: string,
  value: unknown,
  scene: Scene = {},
): string | undefined => {
  const {facts = debian12Facts(), platform = debian12Platform} = scene;
  return questionOf(section, id).caution?.(value as never, {facts, platform, answers: answersOf(scene)})?.en;
};

/** Probes of a section. */
export const probesOf = (id: string, scene: Scene = {}) => {
  const {facts = debian12Facts(), platform = debian12Platform} = scene;
  const step = stepOf(id);
  return step.probes(contextOf({steps, answers: answersOf(scene), facts, platform}, step, {}));
};

/** What the review says of a section, by id. */
export const notesOf = (id: string, scene: Scene = {}): readonly string[] => {
  const {facts = debian12Facts(), platform = debian12Platform} = scene;
  const step = stepOf(id);
  const context = contextOf({steps, answers: answersOf(scene), facts, platform}, step, {});
  return (step.notes?.(context) ?? []).map(note => note.id);
};

export const stepOf = (id: string): Step => {
  const step = steps.find(candidate => candidate.id === id);
  if (step === undefined) {
    throw new Error(`no section ${id}`);
  }

  return step;
};

const questionOf = (section: string, id: string): Question => {
  const question = stepOf(section).questions[id];
  if (question === undefined) {
    throw new Error(`no question ${section}.${id}`);
  }

  return question;
};
