import type {Files, Program} from '../system/types.js';
import {recoverUnit} from '../../templates/recover-unit.js';
import {armUnit, disarmUnit, quotedCommand, unitPath} from './units.js';

/** Unit that finishes at boot what was cut short (systemd.unit(5)). */
export const bootUnit = 'dovetail-recover.service';

export const bootUnitPath = unitPath(bootUnit);

/**
 * Arranges that what is under way is finished at the next boot, before the mail services start. It does nothing where nothing
 * is under way by then, so that one that is left behind does no harm.
 */
export const armBoot = (files: Files, program: Program) =>
  armUnit(files, bootUnit, recoverUnit(quotedCommand(program)));

/** Takes that arrangement back. */
export const disarmBoot = (files: Files) => disarmUnit(files, bootUnit);
