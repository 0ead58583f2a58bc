import {exitCode} from '../../core/exit-code.js';
import {fill} from '../../core/text.js';
import {type CommandContext, openMachine} from '../context.js';
import {pairNote} from './note.js';
import {completePair} from './settle-pair.js';
import {pairTexts as texts} from './texts.js';

/** `dovetail pair --finish`: a pair whose making was cut short becomes one, or goes back on both sides. */
export const finishPair = async (context: CommandContext): Promise<number> => {
  const {lang, out} = context;
  const machine = await openMachine(context);
  const note = pairNote(machine.system.files);
  if (note === undefined) {
    out(texts.nothingToFinish[lang]);
    return exitCode.done;
  }

  out(fill(texts.finishing, {host: note.target.host})[lang]);
  return completePair(context, machine, note);
};
