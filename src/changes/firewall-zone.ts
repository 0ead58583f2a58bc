import {digestOf} from '../system/blobs.js';
import type {Blobs, Files} from '../system/types.js';
import {captureFile, type FileBefore} from './capture.js';
import {restoreFile} from './replace.js';

/** firewalld's file of a zone and the copy that it makes before it writes one; null: the zone is as the package has it. */
export type ZoneBefore = {readonly file: FileBefore; readonly old: FileBefore};

const own = (zone: string) => `/etc/firewalld/zones/${zone}.xml`;
const packaged = (zone: string) => `/usr/lib/firewalld/zones/${zone}.xml`;

/** Records a zone's files. */
export const captureZone = (files: Files, zone: string, blobs: Blobs): ZoneBefore => ({
  file: captureFile(files, own(zone), blobs),
  old: captureFile(files, `${own(zone)}.old`, blobs),
});

/**
 * Gives a zone's files back, byte for byte, where they mean again what they meant before: firewalld writes a file anew for
 * each entry, in its own spelling. Where somebody else has changed the zone since, it stays as it is now.
 */
export const giveZoneBack = (
  files: Files,
  zone: string,
  before: ZoneBefore,
  blobs: Blobs,
  transaction: string,
) => {
  const now = files.read(own(zone));
  const was =
    before.file?.type === 'file'
      ? blobs.get(before.file.digest)
      : before.file === null
        ? files.read(packaged(zone))
        : undefined;
  if (now === undefined || was === undefined || meaning(now) !== meaning(was)) {
    return;
  }

  const give = (path: string, file: FileBefore) => {
    const bytes = files.read(path);
    const after =
      bytes === undefined ? null : {digest: digestOf(bytes), ino: String(files.lstat(path)?.ino ?? 0n)};
    restoreFile(files, path, file, after, blobs, transaction);
  };
  give(own(zone), before.file);
  give(`${own(zone)}.old`, before.old);
};

// firewalld.zone(5): the order of elements and of attributes, blanks and comments say nothing.
const meaning = (xml: Buffer) => {
  const text = xml
    .toString('utf8')
    .replace(/<\?[^>]*\?>|<!--[\s\S]*?-->/g, '')
    .replace(/>\s+</g, '><')
    .trim();
  const [, attributes = '', inner = text] = /^<zone([^>]*)>([\s\S]*)<\/zone>$/.exec(text) ?? [];
  const elements = inner.match(/<(\w[\w-]*)\b[^>]*\/>|<(\w[\w-]*)\b[^>]*>[\s\S]*?<\/\2>/g) ?? [inner];
  return JSON.stringify([sortedTag(attributes), elements.map(sortedTags).toSorted()]);
};

const sortedTags = (element: string) => element.replace(/<\w[^>]*>/g, sortedTag).replaceAll(/>\s+</g, '><');

const sortedTag = (tag: string) => {
  const attributes = tag.match(/[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*')/g) ?? [];
  const name = /^<?\s*([\w-]*)(?=[\s/>]|$)/.exec(tag)?.[1] ?? '';
  const values = attributes.map(attribute => attribute.replace(/\s*=\s*'([^']*)'/, '="$1"'));
  return `<${name} ${values.toSorted().join(' ')}>`;
};
