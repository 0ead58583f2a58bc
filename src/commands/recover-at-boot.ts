import {exitCode} from '../core/exit-code.js';
import {forgetUnits, perform} from '../engine/run.js';
import {machineSystem} from '../system/grounds.js';
import {printer, undone} from './apply.js';
import type {CommandContext} from './context.js';

/** Finishes what was cut short, before the mail services start; a unit made for it runs this. */
export const recoverAtBoot = async (context: CommandContext): Promise<number> => {
  if (!context.root) {
    return exitCode.needsRootOrTerminal;
  }

  const system = machineSystem({atBoot: true});
  const outcome = await perform(
    {act: 'recover'},
    {
      system,
      player: context.self,
      by: 'the start of the machine',
      onEvent: printer(context, 0),
      interrupted: () => false,
    },
  );
  await forgetUnits(system);
  const code = undone(outcome);
  // All is back but what must stay, mail for one: the unit did its work, and `status` and `history` say the rest. That the unit
  // may end so cannot stand in its file, which is gone by now.
  return code === exitCode.conflictsKept ? exitCode.done : code;
};
