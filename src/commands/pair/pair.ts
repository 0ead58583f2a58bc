import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {isEmpty, planChanges} from '../../core/plan.js';
import {fill, visibleLine} from '../../core/text.js';
import type {Machine} from '../../engine/machine.js';
import {newPlanId} from '../../engine/plan-id.js';
import {comparePair} from '../../engine/pair/compare.js';
import {sideReport} from '../../engine/pair/report.js';
import {printer} from '../apply.js';
import {confirm} from '../confirm.js';
import {type CommandContext, needRoot, openMachine} from '../context.js';
import {printPlan} from '../plan.js';
import {secondsOf} from '../seconds.js';
import {exportPair, importPair} from './by-file.js';
import {finishPair} from './finish.js';
import {forgetPair, rememberPair} from './note.js';
import {settlePair} from './settle-pair.js';
import {answersHere, bundleOf, canBeHalf, expect, holds, partnerOf, shown, withUser} from './shared.js';
import {applySide, planSide, undoSide} from './side.js';
import {targetOf, type Target, unreachable} from './ssh.js';
import {pairTexts as texts} from './texts.js';

/** Seconds after which a side goes back by itself where nobody finishes the pair: both sides are applied and proved within it. */
const usualWithin = 1800;

/** `dovetail pair [USER@]HOST`: makes this server and another one a pair, both or neither; `--export` and `--import` do it in two runs. */
export const pair = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {options} = context;
  if (options['finish'] === true) {
    return finishPair(context);
  }

  if (typeof options['import'] === 'string') {
    return importPair(context, options['import']);
  }

  if (typeof options['export'] === 'string') {
    return exportPair(context, options['export']);
  }

  const [said] = context.args;
  if (said === undefined) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.who, remedy: texts.whoRemedy});
  }

  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const program = text('remote') ?? '/opt/dovetail/dovetail';
  return pairOver(context, targetOf(said, text('ssh-port'), program));
};

const pairOver = async (context: CommandContext, target: Target): Promise<number> => {
  const {lang, out} = context;
  const within = secondsOf(context.options['confirm-within'], '--confirm-within') ?? usualWithin;
  const machine = await openMachine(context);
  const here = await sideReport(machine.system, machine.facts, machine.platform);
  // What this side lacks is said before anybody else is asked.
  if (!canBeHalf(context, here)) {
    out(texts.notBegun[lang]);
    return exitCode.pending;
  }

  const ask = partnerOf(context, machine, target);
  const there = await ask({act: 'report'});
  if (there.t === 'lost') {
    throw unreachable(target, there);
  }

  const report = expect(there, 'report').report;
  const asked = Date.now() / 1000 - here.clock;
  if (!holds(context, comparePair(here, report, asked))) {
    out(texts.notBegun[lang]);
    return exitCode.pending;
  }

  const own = await planSide(context, machine, answersHere(context, machine, target, report), newPlanId());
  const bundle = bundleOf(machine, own, here);
  const id = newPlanId();
  const theirs = expect(await ask({act: 'plan', bundle, id}), 'plan');
  out(fill(texts.planHere, {host: here.hostname})[lang]);
  printPlan(own.plan, context);
  out(fill(texts.planThere, {host: target.host})[lang]);
  theirs.lines.forEach(line => void out(`    ${visibleLine(line)}`));
  if (isEmpty(own.plan) && theirs.empty) {
    own.close();
    out(texts.already[lang]);
    return exitCode.done;
  }

  if (context.options['dry-run'] === true) {
    own.close();
    return exitCode.pending;
  }

  if (!(await confirm(context, texts.accept))) {
    own.close();
    return exitCode.interrupted;
  }

  // Before anything is done anywhere: whoever finds this knows what to ask the two.
  const note = {
    target,
    here: {id: own.plan.id, nothingToDo: isEmpty(own.plan)},
    there: {id, nothingToDo: theirs.empty},
  };
  rememberPair(machine.system.files, note);
  if (!theirs.empty) {
    out(fill(texts.applyThere, {host: target.host})[lang]);
    const applied = await ask({act: 'apply', bundle, id, digest: theirs.digest, within});
    if (applied.t !== 'apply' || applied.outcome !== 'committed') {
      own.close();
      return giveUp(context, machine, note, applied.t === 'problem' ? shown(applied.problem) : undefined);
    }
  }

  out(fill(texts.applyHere, {host: here.hostname})[lang]);
  const outcome = await applySide(
    context,
    machine,
    {...own, plan: withUser(own.plan, here, report)},
    within,
    printer(context, planChanges(own.plan).length),
  );
  if (outcome !== 'committed') {
    return giveUp(context, machine, note);
  }

  return settlePair(context, machine, note, {here: here.folders, there: report.folders});
};

// Nothing is kept on either side: this one went back or never began, the other is taken back or goes back by itself.
const giveUp = async (
  context: CommandContext,
  machine: Machine,
  note: Parameters<typeof rememberPair>[1],
  problem?: ProblemError['problem'],
): Promise<number> => {
  const {lang, out} = context;
  if (problem !== undefined) {
    for (const text of [problem.what, problem.cause, problem.remedy]) {
      out(text?.[lang] ?? '');
    }
  }

  const ask = partnerOf(context, machine, note.target);
  if (!note.here.nothingToDo) {
    await undoSide(context, machine.system, note.here.id, printer(context, 0));
  }

  const left = await ask({act: 'undo', ...note.there});
  if (left.t === 'state' && (left.state === 'absent' || note.there.nothingToDo)) {
    forgetPair(machine.system.files);
    out(texts.neither[lang]);
    return exitCode.rolledBack;
  }

  out(fill(texts.halfThere, {host: note.target.host, id: note.there.id})[lang]);
  return exitCode.stuck;
};
