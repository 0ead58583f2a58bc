import type {Change, Digest, Preview} from './change.js';
import type {DovecotEdit, MainEdit, MasterEdit, Owned} from './edit.js';
import type {Finding} from './finding.js';
import type {Probe} from './probe.js';
import type {Text} from './text.js';
import type {Content} from './want.js';

/** Services that must read their configuration again once the changes are in, and again after a rollback. */
export type Activation = {
  readonly unit: string;
  readonly act: 'reload' | 'restart' | 'start';
  /** Why a reload is not enough, where it is not. */
  readonly because?: Text;
};

export type PlannedChange = {
  readonly change: Change;
  readonly preview: Preview;
  /** Digest of what `observe` saw; the apply refuses when it sees something else. */
  readonly seen: Digest;
  /** How it looked on the machine itself, where the plan was made on a copy with packages that are still to come. */
  readonly found?: Digest;
};

/** `hold`: mail is held back on a live server before anything else; `release`: and let go once all is proved. */
export type StageName = 'hold' | 'packages' | 'configuration' | 'release';

export type PlannedStage = {readonly name: StageName; readonly changes: readonly PlannedChange[]};

/** What was reviewed is what is applied. Plain JSON, no secret; bytes of files are in the blob store beside it. */
export type Plan = {
  readonly version: 1;
  readonly id: string;
  /** UTC, RFC 3339. */
  readonly made: string;
  readonly tool: string;
  readonly platform: {readonly id: string; readonly name: string; readonly forced: boolean};
  readonly dovecot?: string;
  readonly postfix?: string;
  /** A record of accounts, not a setup: it is never undone with one, so that no old password comes back. */
  readonly accounts?: {
    readonly act: 'add' | 'passwd' | 'disable' | 'enable' | 'remove' | 'import';
    readonly name: string;
  };
  /** Where this plan takes one section of an earlier transaction back. */
  readonly undoes?: {readonly id: string; readonly section: string};
  /** Where a configuration started again: the texts of its packages that the edits were folded on, by path; null: no file. */
  readonly fresh?: Readonly<Record<string, Digest | null>>;
  /** Sections that planned, in order. */
  readonly sections: readonly string[];
  readonly stages: readonly PlannedStage[];
  readonly activations: readonly Activation[];
  /** What was asked of the configuration as a whole, kept so that one section can be undone by folding the others again. */
  readonly edits: {
    readonly dovecot: readonly Owned<DovecotEdit>[];
    readonly main: readonly Owned<MainEdit>[];
    readonly master: readonly Owned<MasterEdit>[];
  };
  /** Effective settings before and after by the daemons' own parsers, where they could be asked. */
  readonly effective: readonly EffectiveDiff[];
  readonly probes: readonly Probe[];
  /** Everything the admin should know before accepting: overruled live checks, risks, deviations. */
  readonly notes: readonly Finding[];
};

export type EffectiveDiff = {
  readonly of: 'doveconf' | 'postconf' | 'postconf -M';
  readonly lines: readonly string[];
  /** Why it could not be computed. */
  readonly unchecked?: Text;
};

export const planChanges = (plan: Plan) => plan.stages.flatMap(stage => stage.changes);

export const isEmpty = (plan: Plan) => planChanges(plan).length === 0;

/** Blobs that a plan stands on. */
export const digestsOf = (plan: Plan) => [
  ...Object.values(plan.fresh ?? {}).filter(digest => digest !== null),
  ...planChanges(plan).flatMap(({change}) => {
    switch (change.kind) {
      case 'config.edit':
        return [change.after, ...(change.before === null ? [] : [change.before])];
      case 'file.write':
        return blobsIn(change.content);
      case 'rows.edit':
        return [
          ...change.rows.flatMap(({content}) => blobsIn(content ?? [])),
          ...(change.bulk ?? []).map(({digest}) => digest),
        ];
      default:
        return [];
    }
  }),
];

const blobsIn = (content: Content) => content.flatMap(part => ('blob' in part ? [part.blob] : []));
