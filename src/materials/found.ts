import {dirname, resolve} from 'node:path';
import type {Finding} from '../core/finding.js';
import type {LiveCheck} from '../core/question.js';
import {type Found, inspectPair, pkiLimit} from '../pki/inspect.js';
import type {ReadFiles} from '../system/types.js';

/** What is wrong with the files that were named for a certificate and its key. */
export const inspectFiles = (
  files: ReadFiles,
  {certificate, key, name}: Extract<LiveCheck, {kind: 'certificate-pair'}>,
): readonly Finding[] =>
  inspectPair({
    certificatePath: certificate,
    certificate: foundAt(files, certificate),
    keyPath: key,
    key: foundAt(files, key),
    name,
  });

/** What a path leads to, over links; nothing but a regular file of a size that makes sense is opened. */
const foundAt = (files: ReadFiles, path: string): Found => {
  let at = path;
  for (let links = 0; links < mostLinks; links += 1) {
    const stat = files.lstat(at);
    switch (stat?.type) {
      case undefined:
        return {kind: 'missing'};
      case 'link':
        at = resolve(dirname(at), files.readLink(at) ?? '');
        break;
      case 'file': {
        if (stat.size > pkiLimit) {
          return {kind: 'large'};
        }

        const bytes = files.read(at, {limit: pkiLimit});
        return bytes === undefined
          ? {kind: 'missing'}
          : {kind: 'file', bytes, mode: stat.mode, uid: stat.uid};
      }

      default:
        return {kind: 'special'};
    }
  }

  return {kind: 'missing'};
};

// As many as the kernel follows (path_resolution(7)).
const mostLinks = 40;
