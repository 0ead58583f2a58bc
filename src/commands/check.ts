import {complete} from '../answers/complete.js';
import {exitCode} from '../core/exit-code.js';
import type {ProbeAccount} from '../core/probe.js';
import type {SecretRef} from '../core/secret.js';
import {printAnswers} from '../answers/file.js';
import {adoptAll} from '../engine/adopt.js';
import {prove} from '../engine/prove.js';
import {platformNotes} from '../planner/platform-notes.js';
import {applicable, contextOf} from '../planner/wants.js';
import {isSecretRef} from '../answers/shape.js';
import {steps} from '../../steps/index.js';
import {type CommandContext, findingLines, needRoot, openMachine} from './context.js';
import {loadAnswers} from './load-answers.js';

/** `dovetail check`: proves that the server works; exit 0 only when everything was checked and held. */
export const check = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {system, facts, platform, vault} = await openMachine(context, {reading: true});
  const given =
    typeof context.options['answers'] === 'string' ? loadAnswers(context) : adoptAll(steps, facts, platform);
  const scenario = {steps, facts, platform, answers: complete(steps, given, {facts, platform})};
  const probes = applicable(scenario).flatMap(step => step.probes(contextOf(scenario, step, {})));
  const account = accountFrom(context);
  const notes = platformNotes(platform, facts.platformId);
  if (context.options['json'] !== true) {
    notes.flatMap(note => findingLines(note, context.lang)).forEach(line => void context.out(line));
  }

  const found = await prove(probes, {
    system,
    facts,
    open: vault.open,
    since: new Date().toISOString(),
    player: context.self,
    ...(account === undefined ? {} : {account}),
    onFinding: finding =>
      context.options['json'] !== true && findingLines(finding, context.lang).forEach(context.out),
  });
  if (context.options['json'] === true) {
    context.out(JSON.stringify([...notes, ...found], null, 2));
  }

  if (found.some(({severity}) => severity === 'fail')) {
    return exitCode.pending;
  }

  return found.some(({severity}) => severity === 'unchecked') ? exitCode.notChecked : exitCode.done;
};

/** `dovetail answers`: the machine's present state as an answers file, of the sections that what it does has. */
export const answers = async (context: CommandContext): Promise<number> => {
  const {facts, platform} = await openMachine(context, {reading: true});
  const present = complete(steps, adoptAll(steps, facts, platform), {facts, platform});
  const asked = new Set(applicable({steps, facts, answers: present}).map(({id}) => id));
  context.out(
    printAnswers(Object.fromEntries(Object.entries(present).filter(([id]) => asked.has(id)))).trimEnd(),
  );
  return exitCode.done;
};

const accountFrom = ({options}: CommandContext): ProbeAccount | undefined => {
  const password: unknown = {from: options['password-from']};
  return typeof options['account'] === 'string' && isSecretRef(password)
    ? {user: options['account'], password: password as SecretRef}
    : undefined;
};
