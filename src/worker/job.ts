import {isSecretRef} from '../answers/shape.js';
import type {Facts} from '../core/facts.js';
import {digestsOf, type Plan, planChanges} from '../core/plan.js';
import type {ProbeAccount} from '../core/probe.js';
import {type SecretRef, secret} from '../core/secret.js';
import type {Content, ContentPart} from '../core/want.js';
import type {ApplyRequest, ConfirmRequest, Run} from '../engine/run.js';
import {digestOf} from '../system/blobs.js';

/**
 * What a worker is to do, as one line of JSON. It holds the plan's secrets, for it outlives the process that they were typed
 * into: it goes through a socket and is never written down.
 */
export type Job =
  | {
      readonly act: 'apply';
      readonly plan: Plan;
      readonly facts: Facts;
      /** Base64 by digest. */
      readonly blobs: Readonly<Record<string, string>>;
      /** Base64 of what materials and secrets put into files, by `keyOf` of the part. */
      readonly contents: Readonly<Record<string, string>>;
      /** Passwords that the proof logs in with, by `keyOf` of their reference. */
      readonly passwords: Readonly<Record<string, string>>;
      readonly account?: ProbeAccount;
      readonly onUnproved: ApplyRequest['onUnproved'];
      readonly confirm?: ConfirmRequest;
    }
  | Exclude<Run, {act: 'apply'}>;

type ApplyJob = Extract<Job, {act: 'apply'}>;

/** Packs a run for another process. */
export const packJob = (run: Run): Job => (run.act === 'apply' ? packApply(run.request) : run);

/** Unpacks it there. */
export const unpackJob = (job: Job): Run =>
  job.act === 'apply' ? {act: 'apply', request: unpackApply(job)} : job;

const packApply = ({
  plan,
  facts,
  blobs,
  resolve,
  open,
  account,
  onUnproved,
  confirm,
}: ApplyRequest): ApplyJob => ({
  act: 'apply',
  plan,
  facts,
  blobs: Object.fromEntries(digestsOf(plan).map(digest => [digest, blobs.get(digest).toString('base64')])),
  contents: Object.fromEntries(
    partsOf(planChanges(plan)).map(part => [keyOf(part), resolve([part]).toString('base64')]),
  ),
  passwords: Object.fromEntries(
    refsOf([plan.probes, account]).flatMap(ref => {
      const value = open(ref);
      return value === undefined ? [] : [[keyOf(ref), value.reveal()]];
    }),
  ),
  ...(account === undefined ? {} : {account}),
  onUnproved,
  ...(confirm === undefined ? {} : {confirm}),
});

const unpackApply = ({act: _act, blobs, contents, passwords, ...rest}: ApplyJob): ApplyRequest => {
  const bytes = new Map(Object.entries(blobs).map(([digest, text]) => [digest, Buffer.from(text, 'base64')]));
  const get = (digest: string) => {
    const found = bytes.get(digest);
    if (found === undefined) {
      throw new Error(`blob ${digest} was not packed`);
    }

    return found;
  };
  // Nothing is better than an empty password in a file that looks finished.
  const packed = (key: string) => {
    const found = contents[key];
    if (found === undefined) {
      throw new Error('a secret was not packed');
    }

    return found;
  };
  return {
    ...rest,
    blobs: {
      get,
      has: digest => bytes.has(digest),
      put: value => {
        const digest = digestOf(value);
        bytes.set(digest, Buffer.from(value));
        return digest;
      },
    },
    resolve: (content: Content) =>
      Buffer.concat(
        content.map(part => {
          if ('text' in part) {
            return Buffer.from(part.text, 'latin1');
          }

          return 'blob' in part ? get(part.blob) : Buffer.from(packed(keyOf(part)), 'base64');
        }),
      ),
    open: ref => {
      const value = passwords[keyOf(ref)];
      return value === undefined ? undefined : secret(value);
    },
  };
};

const keyOf = (value: ContentPart | SecretRef) => JSON.stringify(value);

// Parts whose bytes only the process that planned knows.
const partsOf = (value: unknown): readonly ContentPart[] => {
  if (typeof value !== 'object' || value === null) {
    return [];
  }

  const isPart =
    Object.keys(value).every(key => ['material', 'secret', 'as'].includes(key)) &&
    (typeof (value as {material?: unknown}).material === 'string' ||
      isSecretRef((value as {secret?: unknown}).secret));
  return isPart ? [value as ContentPart] : Object.values(value).flatMap(partsOf);
};

const refsOf = (value: unknown): readonly SecretRef[] => {
  if (typeof value !== 'object' || value === null) {
    return [];
  }

  return isSecretRef(value) ? [value as SecretRef] : Object.values(value).flatMap(refsOf);
};
