import {setTimeout as wait} from 'node:timers/promises';
import {exitCode} from '../../core/exit-code.js';
import {fill, visibleLine} from '../../core/text.js';
import type {Machine} from '../../engine/machine.js';
import {compareCounts, totalOf} from '../../engine/pair/compare.js';
import {decide, type SideState} from '../../engine/pair/decide.js';
import {type FolderReport, foldersOf} from '../../engine/pair/report.js';
import {pendingHere, secondsLeft, timeOf} from '../../transaction/confirmation.js';
import {printer} from '../apply.js';
import type {CommandContext} from '../context.js';
import {forgetPair, type PairNote} from './note.js';
import {partnerOf} from './shared.js';
import {confirmSide, stateOf, undoSide} from './side.js';
import {pairTexts as texts} from './texts.js';

/** Milliseconds in which the mail of both should have come together; large stores take longer, which is said. */
const patience = 60_000;

type Folders = {readonly here: readonly FolderReport[]; readonly there: readonly FolderReport[]};

/** Both sides are applied and proved, and count down: the mail of both is compared, then both are confirmed, the partner first. */
export const settlePair = async (
  context: CommandContext,
  machine: Machine,
  note: PairNote,
  before: Folders,
): Promise<number> => {
  const {lang, out} = context;
  const ask = partnerOf(context, machine, note.target);
  const until = Date.now() + patience;
  for (;;) {
    const here = await foldersOf(machine.system);
    const counted = await ask({act: 'counts'});
    const there = counted.t === 'counts' ? counted.folders : undefined;
    const verdict =
      there === undefined ? undefined : compareCounts([before.here, before.there], [here, there]);
    if (there !== undefined && verdict?.settled === true) {
      const values = {here: totalOf(here), there: totalOf(there)};
      out(fill(texts.counts, values)[lang]);
      if (verdict.more.length > 0) {
        out(fill(texts.moreMail, {names: namesOf(verdict.more)})[lang]);
      }

      if (verdict.lost.length === 0) {
        break;
      }

      // Mail came and went meanwhile, or something is wrong: nobody can tell them apart here, and undoing loses nothing.
      out(fill(texts.lostMail, {names: namesOf(verdict.lost)})[lang]);
      return act(context, machine, note, ['undo-here', 'undo-there']);
    }

    if (Date.now() > until) {
      out(texts.unsettled[lang]);
      break;
    }

    await wait(2000);
  }

  return completePair(context, machine, note);
};

const namesOf = (folders: readonly string[]) =>
  folders
    .slice(0, 5)
    .map(name => visibleLine(name, 80))
    .join(', ');

/** Brings both sides to one end from wherever they are; asks the partner again while there is time on this side. */
export const completePair = async (
  context: CommandContext,
  machine: Machine,
  note: PairNote,
): Promise<number> => {
  const {system} = machine;
  const ask = partnerOf(context, machine, note.target);
  for (;;) {
    const here = stateOf(system, note.here.id, note.here.nothingToDo);
    const answered = await ask({act: 'state', ...note.there});
    const there: SideState = answered.t === 'state' ? answered.state : 'unknown';
    const acts = decide(here, there);
    if (acts[0] !== 'tell') {
      return act(context, machine, note, acts);
    }

    const pending = pendingHere(system.files);
    if (pending === undefined || secondsLeft(pending) < 30) {
      const values = {host: note.target.host, id: note.there.id};
      context.out(fill(texts.untold, values)[context.lang]);
      return exitCode.stuck;
    }

    const values = {host: note.target.host, time: timeOf(pending.deadline)};
    context.out(fill(texts.waiting, values)[context.lang]);
    await wait(5000);
  }
};

const act = async (
  context: CommandContext,
  machine: Machine,
  note: PairNote,
  acts: ReturnType<typeof decide>,
): Promise<number> => {
  const {system} = machine;
  const {lang, out} = context;
  const ask = partnerOf(context, machine, note.target);
  let undone = false;
  for (const one of acts) {
    switch (one) {
      case 'confirm-there': {
        const left = await ask({act: 'confirm', ...note.there});
        // Not heard, or it had run out: how far it really is decides anew.
        if (left.t !== 'state' || left.state !== 'kept') {
          return completePair(context, machine, note);
        }

        break;
      }
      case 'confirm-here':
        if (!(await confirmSide(context, system, note.here.id))) {
          return completePair(context, machine, note);
        }

        break;
      case 'undo-here':
        undone = true;
        if (!(await undoSide(context, system, note.here.id, printer(context, 0)))) {
          out(fill(texts.halfHere, {id: note.here.id})[lang]);
          return exitCode.stuck;
        }

        break;
      case 'undo-there': {
        undone = true;
        const left = await ask({act: 'undo', ...note.there});
        if (left.t !== 'state' || left.state !== 'absent') {
          out(fill(texts.halfThere, {host: note.target.host, id: note.there.id})[lang]);
          return exitCode.stuck;
        }

        break;
      }
      case 'tell':
        break;
    }
  }

  forgetPair(system.files);
  out((undone ? texts.neither : texts.both)[lang]);
  return undone ? exitCode.rolledBack : exitCode.done;
};
