import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {type Plan, planChanges} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {Blobs, ReadFiles, System} from '../system/types.js';
import {stateFolder} from './store.js';

/** Bytes that must be left beside what a plan needs: journal, reserve, and what the daemons write meanwhile. */
const margin = 16 * 1024 * 1024;
/** Files that a change makes while it is under way: the new one, its second name, the copy of the old one. */
const filesOfAChange = 4;

/**
 * Refuses a plan that the disks have no room for, before anything is touched: on each file system the old and the new files
 * side by side, and the copies of the old ones with the state.
 */
export const refuseFull = ({
  plan,
  blobs,
  system,
}: {
  readonly plan: Plan;
  readonly blobs: Blobs;
  readonly system: System;
}) => {
  const {files} = system;
  for (const [path, {bytes, inodes}] of needs(files, plan, blobs)) {
    const room = files.space?.(path);
    if (room === undefined) {
      continue;
    }

    if (room.bytes < bytes + margin || (room.inodes !== undefined && room.inodes < inodes)) {
      throw new ProblemError({
        code: exitCode.rolledBack,
        what: fill(texts.full, {path, need: mebibytes(bytes + margin), there: mebibytes(room.bytes)}),
        cause: fill(texts.inodes, {need: inodes, there: room.inodes ?? '—'}),
        remedy: fill(texts.remedy, {path}),
      });
    }
  }
};

// By the device: directories of one file system share its room.
const needs = (files: ReadFiles, plan: Plan, blobs: Blobs) => {
  const found = new Map<bigint | undefined, {path: string; bytes: number; inodes: number}>();
  const add = (folder: string, bytes: number) => {
    let path = folder;
    while (files.lstat(path) === undefined) {
      path = parentOf(path);
    }

    const device = files.lstat(path)?.dev;
    const known = found.get(device) ?? {path, bytes: 0, inodes: 0};
    found.set(device, {...known, bytes: known.bytes + bytes, inodes: known.inodes + filesOfAChange});
  };
  for (const {change} of planChanges(plan)) {
    if (!('path' in change) || change.kind === 'directory.create') {
      continue;
    }

    const old = files.lstat(change.path)?.size ?? 0;
    const next = change.kind === 'config.edit' ? blobs.get(change.after).length : old;
    add(parentOf(change.path), 2 * next);
    add(stateFolder, old + next);
  }

  return [...found.values()].map(({path, ...need}) => [path, need] as const);
};

const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);

const texts = {
  full: {
    en: 'Nothing was changed: {path} has {there} MiB of room, and {need} MiB are needed.',
    ja: '何も変更していません。{path} の空きは {there} MiB ですが、{need} MiB 必要です。',
  },
  inodes: {en: 'Files: {there} free, {need} needed.', ja: 'ファイル数: 空き {there}、必要 {need}。'},
  remedy: {
    en: 'Make room there (“df -h {path}”, “df -i {path}”), then apply again.',
    ja: '空き容量を確保し (「df -h {path}」「df -i {path}」)、もう一度適用してください。',
  },
} satisfies Record<string, Text>;
