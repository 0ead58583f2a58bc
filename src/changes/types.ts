import type {Change, Preview} from '../core/change.js';
import type {RowsFormat} from '../core/edit.js';
import type {Finding} from '../core/finding.js';
import type {Json} from '../core/json.js';
import type {Content} from '../core/want.js';
import type {Blobs, Host, System} from '../system/types.js';

/** What handlers need beside the change itself: bytes of a plan, and materials and secrets while applying. */
export type ChangeContext = {
  readonly blobs: Blobs;
  /** Bytes of a content with materials and secrets filled in. Throws where one is not available (after a restart, say). */
  readonly resolve: (content: Content) => Buffer;
  /** The transaction's id: names of pins and temporary files carry it. */
  readonly transaction: string;
  /** Progress of long work, already made visible. */
  readonly say: (line: string) => void;
  /** What an undo does with a file that somebody else changed since; without it their version is kept. */
  readonly others?: (path: string) => Others;
};

/** `keep`: what others changed stays, ours goes back as far as the two can be told apart. `put-back`: the file as it was before; theirs goes into a blob. */
export type Others = 'keep' | 'put-back';

/** Undo did not put back everything: what was found, and what stays. Nothing of others was overwritten. */
export type Conflict = {
  readonly kind: 'conflict';
  readonly path?: string;
  readonly finding: Finding;
};
export type Reverted = {readonly kind: 'reverted' | 'nothing-to-do'};

/**
 * Everything one kind of change can do, side by side. `Seen`, `Before` and `After` are plain JSON: they go into the plan's
 * digest and the journal. `revert` is idempotent; `after` is missing for an apply that was cut short.
 */
export type ChangeHandler<C extends Change, Seen extends Json, Before extends Json, After extends Json> = {
  readonly observe: (host: Host, change: C) => Promise<Seen>;
  readonly preview: (change: C, seen: Seen, context: PreviewContext) => Preview;
  readonly capture: (system: System, change: C, context: ChangeContext) => Promise<Before>;
  readonly apply: (system: System, change: C, before: Before, context: ChangeContext) => Promise<After>;
  readonly verify: (host: Host, change: C, after: After) => Promise<readonly Finding[]>;
  readonly revert: (
    system: System,
    change: C,
    before: Before,
    after: After | undefined,
    context: ChangeContext,
  ) => Promise<Reverted | Conflict>;
  /**
   * Changes that take one section's part of this change back, in a transaction of their own; none where there is nothing
   * of it any more. Called only for changes that the section had a hand in.
   */
  readonly inverse: (
    change: C,
    before: Before,
    after: After | undefined,
    context: InverseContext,
  ) => readonly Change[];
};

/** What taking back one section may look at. */
export type InverseContext = {
  readonly section: string;
  /** Whether no other section asked for the change too. */
  readonly alone: boolean;
  /** Bytes that the transaction kept. */
  readonly blobs: Pick<Blobs, 'get'>;
  /** Keeps bytes of the new plan. */
  readonly put: (bytes: Uint8Array) => string;
  /** Text of a file as it is on the machine. */
  readonly read: (path: string) => string | undefined;
  /** What a configuration file should hold without the section, with what others changed since; undefined: no such file. */
  readonly without: (change: Extract<Change, {kind: 'config.edit'}>) => string | undefined;
  /** Says that somebody changed what we left, so that it stays. */
  readonly stays: (what: string) => void;
  /** An id that is unique in the new plan. */
  readonly id: (id: string) => string;
};

/** What a preview may use: bytes of the plan, text of files as they are on the view, secrets' values to mask. */
export type PreviewContext = {
  readonly blobs: Blobs;
  readonly read: (path: string) => string | undefined;
  /** A few rows of a passwd-file or a table by key, where they can be had without all of its text. */
  readonly rowsOf?: (
    path: string,
    keys: ReadonlySet<string>,
    format: RowsFormat,
  ) => ReadonlyMap<string, string>;
  /** Content with materials and secrets replaced by the mask. */
  readonly masked: (content: Content) => string;
  /** Whether a text (latin1) is the content with everything filled in: tells a secret that changes from one that stays. */
  readonly holds?: (content: Content, text: string) => boolean;
  readonly certainty: 'exact' | 'predicted';
};

/** A handler whose kind was chosen by the change itself: `handlerOf` joins the two, so they always fit. */
export type AnyHandler = ChangeHandler<Change, Json, Json, Json>;
