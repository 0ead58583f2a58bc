import type {FirewallItem} from '../core/change.js';
import {digestOf} from '../system/blobs.js';
import type {Blobs, Files} from '../system/types.js';
import {isItem, ufwFiles, type UfwRule, ufwRules} from '../system/ufw.js';
import {captureFile, type FileBefore} from './capture.js';
import {restoreFile} from './replace.js';

/** ufw's files of rules, IPv4 and IPv6. */
export type UfwBefore = readonly FileBefore[];

/** Records them. */
export const captureUfw = (files: Files, blobs: Blobs): UfwBefore =>
  ufwFiles.map(path => captureFile(files, path, blobs));

/** The comment that a rule had before; undefined where there was no such rule. */
export const commentBefore = (before: UfwBefore, item: FirewallItem, blobs: Blobs) =>
  before.flatMap(file => rulesOf(file, blobs) ?? []).find(rule => isItem(rule, item))?.comment;

/**
 * Gives the files back, byte for byte, where they have the same rules in the same order as before: ufw writes them anew for
 * each rule, without what a person may have noted there.
 */
export const giveUfwBack = (files: Files, before: UfwBefore, blobs: Blobs, transaction: string) => {
  for (const [index, path] of ufwFiles.entries()) {
    const file = before[index] ?? null;
    const was = rulesOf(file, blobs);
    const now = files.read(path);
    if (was !== undefined && now !== undefined && same(was, ufwRules(now.toString('latin1')))) {
      const after = {digest: digestOf(now), ino: String(files.lstat(path)?.ino ?? 0n)};
      restoreFile(files, path, file, after, blobs, transaction);
    }
  }
};

const rulesOf = (file: FileBefore, blobs: Blobs): readonly UfwRule[] | undefined =>
  file?.type === 'file' ? ufwRules(blobs.get(file.digest).toString('latin1')) : undefined;

const same = (one: readonly UfwRule[], other: readonly UfwRule[]) =>
  JSON.stringify(one) === JSON.stringify(other);
