import type {Files, Program, System} from '../system/types.js';
import {confirmUnitText} from '../../templates/confirm-unit.js';
import {armUnit, disarmUnit, quotedCommand, unitPath} from './units.js';

/** Unit that waits for a confirmation, across logouts and reboots, and puts things back where none comes. */
export const confirmUnit = 'dovetail-confirm.service';

/** Where it stands. */
export const confirmUnitPath = unitPath(confirmUnit);

/**
 * Arranges that somebody waits; durable, before the change that may need it. The deadline is in the journal, so that it can be
 * moved; the unit does nothing where nothing waits.
 */
export const armConfirm = async (system: System, program: Program) => {
  armUnit(system.files, confirmUnit, confirmUnitText(quotedCommand(program)));
  await told(system, ['daemon-reload']);
  await told(system, ['restart', confirmUnit]);
};

/** Takes the arrangement back; a process that still waits finds nothing to wait for, and ends. */
export const disarmConfirm = (files: Files) => disarmUnit(files, confirmUnit);

// A countdown that nobody keeps must not be promised.
const told = async ({ground, run}: System, args: readonly string[]) => {
  if (ground === 'machine') {
    const {exitCode, stderr} = await run('/usr/bin/systemctl', args);
    if (exitCode !== 0) {
      throw new Error(`systemctl ${args.join(' ')}: ${stderr}`);
    }
  }
};
