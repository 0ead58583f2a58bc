import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Ownership} from '../core/want.js';
import type {ReadFiles} from '../system/types.js';
import type {Owner} from './capture.js';

/** Numbers for the names in an ownership, from the tree's own passwd(5) and group(5). */
export const ownerOf = (files: ReadFiles, {owner, group, mode}: Ownership): Owner => ({
  uid: idIn(files, '/etc/passwd', owner),
  gid: idIn(files, '/etc/group', group),
  mode,
});

/** The third field of a name's line, or undefined. */
export const findId = (files: ReadFiles, file: string, name: string): number | undefined => {
  const line = lines(files, file).find(entry => entry.startsWith(`${name}:`));
  const id = line?.split(':')[2];
  return id === undefined ? undefined : Number(id);
};

const idIn = (files: ReadFiles, file: string, name: string) => {
  const id = /^\d+$/.test(name) ? Number(name) : findId(files, file, name);
  if (id === undefined) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.unknown, {name, file}),
      remedy: texts.remedy,
    });
  }

  return id;
};

const lines = (files: ReadFiles, file: string) => (files.read(file)?.toString('latin1') ?? '').split('\n');

const texts = {
  unknown: {en: 'There is no “{name}” in {file}.', ja: '{file} に「{name}」がありません。'},
  remedy: {
    en: 'The package that makes it may be missing: plan again.',
    ja: 'それを作るパッケージがない可能性があります。計画を作り直してください。',
  },
} satisfies Record<string, Text>;
