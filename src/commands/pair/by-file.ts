import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {isEmpty, planChanges} from '../../core/plan.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import {newPlanId} from '../../engine/plan-id.js';
import {answersOf, bundleLimit, readBundle} from '../../engine/pair/bundle.js';
import {comparePair} from '../../engine/pair/compare.js';
import {sideReport} from '../../engine/pair/report.js';
import type {ApplyRequest} from '../../engine/run.js';
import type {Machine} from '../../engine/machine.js';
import {codeOf, printer} from '../apply.js';
import {confirm} from '../confirm.js';
import {type CommandContext, openMachine} from '../context.js';
import {printPlan} from '../plan.js';
import {runAndWait} from '../run.js';
import {confirmRequest} from '../seconds.js';
import {answersHere, bundleOf, canBeHalf, holds, withUser} from './shared.js';
import {planSide, type SidePlan} from './side.js';
import {pairTexts as texts} from './texts.js';

/** `dovetail pair --export FILE`: this half is set up, and what the other one needs is written to a new file of root's. */
export const exportPair = async (context: CommandContext, path: string): Promise<number> => {
  const {lang, out} = context;
  const machine = await openMachine(context);
  const report = await sideReport(machine.system, machine.facts, machine.platform);
  if (!canBeHalf(context, report)) {
    out(texts.notBegun[lang]);
    return exitCode.pending;
  }

  const side = await planSide(context, machine, answersHere(context, machine, {host: ''}), newPlanId());
  const bundle = bundleOf(machine, side, report);
  // The file first: what is set up here without it would be half a pair.
  const file = create(path);
  let code: number = exitCode.internal;
  try {
    code = await reviewed(context, machine, side);
    if (code === exitCode.done) {
      writeSync(file, JSON.stringify(bundle));
      fsyncSync(file);
      out(fill(texts.exported, {path})[lang]);
    }
  } finally {
    closeSync(file);
    if (code !== exitCode.done) {
      unlinkSync(path);
    }
  }

  return code;
};

/** `dovetail pair --import FILE`: the other half. The two are compared first, and a message must cross both ways. */
export const importPair = async (context: CommandContext, path: string): Promise<number> => {
  const {lang, out} = context;
  const bundle = readBundle(read(path));
  const machine = await openMachine(context);
  const report = await sideReport(machine.system, machine.facts, machine.platform);
  // What the file says was so when it was written: its clock says nothing any more.
  if (!holds(context, comparePair(report, {...bundle.report, clock: report.clock}))) {
    out(texts.notBegun[lang]);
    return exitCode.pending;
  }

  const side = await planSide(context, machine, answersOf(bundle, machine.vault), newPlanId());
  const plan = withUser(side.plan, report, bundle.report);
  const code = await reviewed(context, machine, {...side, plan});
  out(
    (code === exitCode.done ? fill(texts.imported, {path}) : fill(texts.notImported, {host: bundle.partner}))[
      lang
    ],
  );
  return code;
};

const reviewed = async (context: CommandContext, machine: Machine, side: SidePlan): Promise<number> => {
  const {plan, blobs, resolve, keep, close} = side;
  printPlan(plan, context);
  if (isEmpty(plan) || context.options['dry-run'] === true || !(await confirm(context, texts.accept))) {
    close();
    return isEmpty(plan)
      ? exitCode.done
      : context.options['dry-run'] === true
        ? exitCode.pending
        : exitCode.interrupted;
  }

  keep();
  close();
  const {system, facts, vault} = machine;
  const request: ApplyRequest = {
    plan,
    facts,
    blobs,
    resolve,
    open: vault.open,
    onUnproved: 'roll-back',
    confirm: confirmRequest(context),
  };
  return codeOf(
    await runAndWait(context, system, {act: 'apply', request}, printer(context, planChanges(plan).length)),
  );
};

// Never over something that is there, and for root alone from its first byte on.
const create = (path: string): number => {
  try {
    const {O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW} = constants;
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw problem(path, said(error), texts.fileNew);
  }
};

const read = (path: string): string => {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw problem(path, said(error), texts.fileGiven);
  }

  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > bundleLimit || (stat.mode & 0o077) !== 0 || stat.uid !== 0) {
      throw problem(path, texts.fileOthers, texts.fileGiven);
    }

    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
};

const said = (error: unknown): Text => {
  const words = visibleLine(String((error as NodeJS.ErrnoException).code ?? error));
  return {en: words, ja: words};
};

const problem = (path: string, cause: Text, remedy: Text) =>
  new ProblemError({
    code: exitCode.badAnswers,
    what: fill(texts.file, {path: visibleLine(path)}),
    cause,
    remedy,
  });
