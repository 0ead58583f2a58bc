import {crc32} from 'node:zlib';
import type {Change} from '../core/change.js';
import type {Finding} from '../core/finding.js';
import type {Json} from '../core/json.js';
import type {RunEvent} from '../core/run-event.js';
import type {Files} from '../system/types.js';
import type {ConfirmTerms} from './confirmation.js';

/** States of a transaction; `committed` is the one point of no return. */
export type State =
  | 'prepared'
  | 'applying'
  | 'verifying'
  | 'committed'
  | 'rolling-back'
  /** Committed, and what nobody confirmed is going back. */
  | 'reverting'
  | 'rolled-back'
  | 'stuck'
  | 'closed';

/**
 * What the journal holds, in order. An intent is durable before its act begins. Events are what happened as people are told of
 * it: nothing is decided by them, so they stand in a file of their own beside it, which is not synced line by line.
 */
export type Entry =
  | {readonly t: 'change'; readonly index: number; readonly change: Change; readonly before: Json}
  | {readonly t: 'state'; readonly state: State; readonly at: string}
  | {readonly t: 'intent'; readonly index: number}
  | {readonly t: 'done'; readonly index: number; readonly after: Json}
  | {readonly t: 'undone'; readonly index: number; readonly conflict?: Finding}
  /** Until the deadline (UTC, RFC 3339) somebody has to confirm, or part of it goes back. */
  | {
      readonly t: 'confirm';
      readonly act: 'armed';
      readonly at: string;
      readonly deadline: string;
      readonly terms: ConfirmTerms;
    }
  | {readonly t: 'confirm'; readonly act: 'confirmed' | 'expired'; readonly at: string}
  | {readonly t: 'event'; readonly event: RunEvent};

export type Journal = {
  readonly add: (entry: Entry) => void;
  readonly entries: () => readonly Entry[];
};

export type JournalState =
  | {
      readonly kind: 'whole';
      readonly entries: readonly Entry[] /** Bytes that are good; a torn tail lies behind. */;
      readonly length: number;
      readonly crc: number;
    }
  /** A frame before the end is damaged: nothing may be done by itself. */
  | {readonly kind: 'damaged'; readonly entries: readonly Entry[]};

/** Opens a journal for going on, cutting a torn last frame off; makes it where it is not there. */
export const openJournal = (files: Files, path: string): Journal => {
  if (files.lstat(path) === undefined) {
    files.create(path, new Uint8Array(), 0o600);
    files.syncFile(path);
    files.syncDirectory(path.slice(0, path.lastIndexOf('/')));
  }

  const bytes = files.read(path) ?? Buffer.alloc(0);
  const known = readJournal(bytes);
  if (known.kind === 'damaged') {
    throw new Error(`${path} is damaged`);
  }

  const good = [bytes.subarray(0, known.length)];
  if (known.length < bytes.length) {
    rewrite(files, path, good);
  }

  const events = eventsOf(files, path);
  const entries = [...known.entries];
  let crc = known.crc;
  let isWhole = true;
  return {
    add: entry => {
      if (entry.t === 'event') {
        events(entry);
        return;
      }

      const frame = frameOf(entry, crc);
      const bytesOf = Buffer.from(frame.text);
      if (isWhole) {
        isWhole = false;
        files.append(path, bytesOf);
      } else {
        // An append that failed may have left anything, and an fsync(2) that failed is never tried again: a new file.
        rewrite(files, path, [...good, bytesOf]);
      }

      isWhole = true;
      crc = frame.crc;
      good.push(bytesOf);
      entries.push(entry);
    },
    entries: () => entries,
  };
};

/** Where the events of a journal stand. */
export const eventsPath = (journal: string) => `${journal}.events`;

/** Reads them; a line that a power cut damaged is left out. */
export const readEvents = (bytes: Buffer): readonly Extract<Entry, {t: 'event'}>[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .flatMap(line => {
      try {
        return [{t: 'event', event: JSON.parse(line) as RunEvent}];
      } catch {
        return [];
      }
    });

// How it went wrong and how it ended are worth an fsync(2); all before them go to the disk with them.
const eventsOf = (files: Files, journal: string) => {
  const path = eventsPath(journal);
  // The last line may be torn: the first of ours does not join it.
  let before = '\n';
  return ({event}: Extract<Entry, {t: 'event'}>) => {
    if (files.lstat(path) === undefined) {
      files.create(path, new Uint8Array(), 0o600);
    }

    files.note(path, Buffer.from(`${before}${JSON.stringify(event)}\n`));
    before = '';
    if (event.type === 'failed' || event.type === 'finished') {
      files.syncFile(path);
    }
  };
};

const rewrite = (files: Files, path: string, good: readonly Uint8Array[]) => {
  const fresh = `${path}.cut`;
  if (files.lstat(fresh) !== undefined) {
    files.unlink(fresh);
  }

  files.create(fresh, Buffer.concat(good), 0o600);
  files.syncFile(fresh);
  files.rename(fresh, path);
  files.syncDirectory(path.slice(0, path.lastIndexOf('/')));
};

/** Reads frames `length crc json\n`; the checksum runs on over the whole file, so that no frame can go missing unseen. */
export const readJournal = (bytes: Buffer): JournalState => {
  const entries: Entry[] = [];
  let at = 0;
  let crc = 0;
  while (at < bytes.length) {
    const frame = frameAt(bytes, at, crc);
    if (frame === undefined) {
      return bytes.indexOf('\n', at) === -1 || bytes.indexOf('\n', at) === bytes.length - 1
        ? {kind: 'whole', entries, length: at, crc}
        : {kind: 'damaged', entries};
    }

    entries.push(frame.entry);
    at = frame.next;
    crc = frame.crc;
  }

  return {kind: 'whole', entries, length: at, crc};
};

const frameOf = (entry: Entry, crc: number) => {
  const json = JSON.stringify(entry);
  const next = crc32(json, crc);
  return {text: `${Buffer.byteLength(json)} ${next.toString(16).padStart(8, '0')} ${json}\n`, crc: next};
};

const frameAt = (bytes: Buffer, at: number, crc: number) => {
  const end = bytes.indexOf('\n', at);
  const match = /^(\d+) ([0-9a-f]{8}) /.exec(bytes.toString('latin1', at, Math.min(at + 32, bytes.length)));
  if (end === -1 || match === null) {
    return undefined;
  }

  const json = bytes.subarray(at + match[0].length, end);
  const next = crc32(json, crc);
  return json.length === Number(match[1]) && next.toString(16).padStart(8, '0') === match[2]
    ? {entry: JSON.parse(json.toString('utf8')) as Entry, next: end + 1, crc: next}
    : undefined;
};

/** The state that a journal ends in; `prepared` is written once everything needed for undoing is durable. */
export const stateOf = (entries: readonly Entry[]): State | undefined =>
  entries.findLast((entry): entry is Extract<Entry, {t: 'state'}> => entry.t === 'state')?.state;
