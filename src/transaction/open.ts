import type {ChangeContext} from '../changes/types.js';
import type {RunEvent} from '../core/run-event.js';
import type {Blobs, Program, System} from '../system/types.js';
import {armBoot} from './boot-unit.js';
import type {Execution} from './execute.js';
import {openJournal} from './journal.js';
import {journalOf} from './store.js';

/** What every run needs, whatever it does. */
export type RunInput = {
  readonly system: System;
  readonly resolve: ChangeContext['resolve'];
  readonly onEvent: (event: RunEvent) => void;
  /** How this program is started at the next boot, should this run be cut short; nothing is arranged where it is missing. */
  readonly boot?: Program;
};

/** A transaction whose journal is open to be carried on. */
export const executionOf = (
  {
    system,
    blobs,
    resolve,
    onEvent,
    others,
  }: RunInput & Pick<ChangeContext, 'others'> & {readonly blobs: Blobs},
  id: string,
): Execution => {
  const journal = openJournal(system.files, journalOf(id));
  return {
    system,
    journal,
    onEvent,
    context: {
      blobs,
      resolve,
      transaction: id,
      say: text => onEvent({type: 'line', text}),
      ...(others === undefined ? {} : {others}),
    },
  };
};

/** The next boot finishes what this run may not. */
export const armAtBoot = ({system, boot}: RunInput) => {
  if (boot !== undefined) {
    armBoot(system.files, boot);
  }
};
