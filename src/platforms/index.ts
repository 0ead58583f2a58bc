import type {Facts} from '../core/facts.js';
import type {Platform} from '../core/platform.js';
import {debian12} from './debian12.js';
import {debian13} from './debian13.js';
import {el10} from './el10.js';
import {fedora44} from './fedora44.js';
import {rhel9} from './rhel9.js';
import {ubuntu2204} from './ubuntu2204.js';
import {ubuntu2404} from './ubuntu2404.js';

/** Platforms that dovetail knows; those that it can work on are `supported`. */
export const platforms: readonly Platform[] = [
  debian12,
  debian13,
  ubuntu2204,
  ubuntu2404,
  rhel9,
  el10,
  fedora44,
];

/** The platform of an os-release(5) ID and VERSION_ID, or the one that was named. */
export const platformOf = (
  os: {readonly id: string; readonly versionId: string},
  named?: string,
): Platform | undefined =>
  named === undefined
    ? platforms.find(({matches}) => matches.some(({id, version}) => id === os.id && isVersion(os, version)))
    : platforms.find(({id}) => id === named);

/** Under which unit Postfix's processes log (journalctl(1), -u): by a pattern that finds both names where the platform is not known. */
export const postfixLogOf = ({os, platformNamed}: Pick<Facts, 'os' | 'platformNamed'>): string =>
  platformOf(os, platformNamed)?.units.postfixLog ?? 'postfix*';

/** Whether dovetail can install packages there: only then may anything be planned or applied. */
export const isSupported = ({foreign}: Platform) => foreign === undefined;

// `9` means 9.4 too; `22.04` does not mean 22.10.
const isVersion = ({versionId}: {readonly versionId: string}, version: string) =>
  versionId === version || versionId.startsWith(`${version}.`);
