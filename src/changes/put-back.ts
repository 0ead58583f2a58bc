import {visibleLine} from '../core/text.js';
import type {Files} from '../system/types.js';
import {captureTarget, type FileBefore, isBefore, placeOf} from './capture.js';
import {mergeOf} from './names.js';
import {dropFile, putFile} from './replace.js';
import type {ChangeContext, Reverted} from './types.js';

/**
 * Gives a file back as it was before, also where somebody else changed it since and the admin chose so: their version goes
 * into a blob first, and where that is is said. Idempotent.
 */
export const putBack = (
  files: Files,
  path: string,
  before: FileBefore,
  {blobs, transaction, say}: ChangeContext,
): Reverted => {
  const now = captureTarget(files, path, blobs);
  const own = mergeOf(transaction);
  if (now?.type === 'file') {
    say(visibleLine(`${path} → ${blobs.where?.(now.digest) ?? now.digest}`));
  }

  if (before === null) {
    dropFile(files, placeOf(path, now), now, own);
  } else if (before.type === 'link') {
    dropFile(files, placeOf(path, now), now, own);
    files.symlink(before.target, path);
  } else {
    const place = placeOf(path, now ?? before);
    putFile(files, place, blobs.get(before.digest), before, now, own);
    files.setTime(place, BigInt(before.mtimeNs));
    files.syncFile(place);
  }

  return {kind: isBefore(files, placeOf(path, before), before) ? 'reverted' : 'nothing-to-do'};
};
