import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';
import {captureFile, type FileAfter, type FileBefore} from './capture.js';
import {sweep, tableOf} from './names.js';
import {putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'script.compile'>;

/**
 * The server's own Sieve script, compiled by sievec(1): who delivers is the owner of the mail and may not write beside it, so
 * that without this it would be compiled again for every message.
 */
export const scriptCompile: ChangeHandler<Change, SeenFile, FileBefore, FileAfter> = {
  observe: async ({files}, change) => seeFile(files, binaryOf(change)),
  preview: (change, seen, {certainty}) => ({
    action: seen === null ? 'create' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {binary: binaryOf(change), source: change.source}),
    body: [],
  }),
  capture: async ({files}, change, {blobs}) => captureFile(files, binaryOf(change), blobs),
  apply: async (system, change, before, {transaction}) => {
    const {files} = system;
    const target = binaryOf(change);
    const made = tableOf(target, transaction);
    dropMade(files, made);
    const {exitCode: code, stderr} = await system.run('/usr/bin/sievec', [change.source, made]);
    const bytes = files.read(made);
    dropMade(files, made);
    if (code !== 0 || bytes === undefined) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.failed, {source: change.source}),
        cause: fill(texts.said, {stderr}),
        remedy: fill(texts.remedy, {source: change.source}),
      });
    }

    return putFile(files, target, bytes, {uid: 0, gid: 0, mode: 0o644}, before, transaction);
  },
  verify: async (host, change) => {
    const {exitCode: code, stderr} = await host.run('/usr/bin/sieve-dump', [binaryOf(change)]);
    return code === 0 ? [] : [broken(change, stderr)];
  },
  revert: async ({files}, change, before, after, {blobs, transaction}) => {
    dropMade(files, tableOf(binaryOf(change), transaction));
    return restoreFile(files, binaryOf(change), before, after, blobs, transaction);
  },
  // Made again from its text, or gone with it.
  inverse: (change, before, _after, {section, alone, read, id}) => {
    const path = binaryOf(change);
    return read(change.source) === undefined || (alone && before === null)
      ? [{id: id(`file.delete ${path}`), sections: [section], kind: 'file.delete', path}]
      : [{...change, id: id(change.id), sections: [section]}];
  },
};

/** The compiled form of a script, where Pigeonhole looks for it. */
export const binaryOf = ({source}: Pick<Change, 'source'>) => source.replace(/(?:\.sieve)?$/, '.svbin');

const dropMade = (files: Files, made: string) => {
  if (sweep(files, made)) {
    files.syncDirectory(parentOf(made));
  }
};

const broken = (change: Change, stderr: string): Finding => ({
  id: `verify:${binaryOf(change)}`,
  severity: 'fail',
  summary: fill(texts.failed, {source: change.source}),
  cause: fill(texts.said, {stderr}),
  remedy: fill(texts.remedy, {source: change.source}),
});

const texts = {
  title: {en: '{binary}, compiled from {source}', ja: '{source} から {binary} を生成'},
  failed: {en: 'The script {source} cannot be compiled.', ja: 'スクリプト {source} を変換できません。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {
    en: 'Run “sievec {source}” and look at the line that it names.',
    ja: '「sievec {source}」を実行し、示された行を確認してください。',
  },
} satisfies Record<string, Text>;
