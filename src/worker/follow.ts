import {setTimeout} from 'node:timers/promises';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {RunEvent} from '../core/run-event.js';
import type {Text} from '../core/text.js';
import type {ReadFiles} from '../system/types.js';
import {eventsPath, readEvents} from '../transaction/journal.js';
import {currentId, journalOf} from '../transaction/store.js';

/**
 * Tells what another process does, from its journal, until it is done: for whoever comes back after a dropped connection.
 * Throws where it ended in the middle of its work.
 */
export const follow = async (
  files: ReadFiles,
  isHeld: () => boolean,
  onEvent: (event: RunEvent) => void,
): Promise<void> => {
  let id: string | undefined;
  let size = 0;
  let seen = 0;
  let isOver = false;
  for (;;) {
    // Looked at before the journal is read: what was written before it ended is read in any case.
    const held = isHeld();
    const current = currentId(files);
    const isNext = current !== undefined && current !== id;
    if (isNext) {
      id = current;
      size = 0;
    }

    const path = id === undefined ? undefined : eventsPath(journalOf(id));
    const now = path === undefined ? 0 : (files.lstat(path)?.size ?? 0);
    if (path !== undefined && now !== size) {
      size = now;
      const events = readEvents(files.read(path) ?? Buffer.alloc(0)).map(({event}) => event);
      // What is undone has the events of its applying before them.
      seen = isNext
        ? Math.max(
            0,
            events.findLastIndex(({type}) => type === 'transaction'),
          )
        : seen;
      for (const event of events.slice(seen)) {
        onEvent(event);
      }

      seen = events.length;
      isOver = events.at(-1)?.type === 'finished';
    } else if (!held) {
      if (isOver) {
        return;
      }

      throw new ProblemError({code: exitCode.stuck, what: texts.over, remedy: texts.overRemedy});
    }

    await setTimeout(pollTime);
  }
};

// Milliseconds.
const pollTime = 250;

const texts = {
  over: {
    en: 'The other dovetail has ended.',
    ja: 'もう一方の dovetail は終了しました。',
  },
  overRemedy: {
    en: '“dovetail history” shows its result; start again to go on.',
    ja: '結果は「dovetail history」で確認できます。続けるにはもう一度起動してください。',
  },
} satisfies Record<string, Text>;
