import {posix, resolve} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import type {ConfigTree} from '../core/edit.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {migrate} from '../migrate/index.js';
import {reportData, reportLines} from '../migrate/report.js';
import {effective} from '../planner/effective.js';
import {globMatcher} from '../planner/tree.js';
import {machineSystem} from '../system/grounds.js';
import type {Files} from '../system/types.js';
import type {CommandContext} from './context.js';
import {needRoot} from './need-root.js';
import {systemOf} from './system-of.js';

const root = '/etc/dovecot/dovecot.conf';

/**
 * `dovetail migrate-report`: what Dovecot 2.4 makes of a 2.3 configuration. It asks files alone, so it works on every
 * system and on a copy of a server (`--root`), and changes nothing.
 */
export const migrateReport = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {lang, out, options} = context;
  const {files} = systemOf(context);
  const tree = treeIn(files);
  if (tree.read(root) === undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.nothing, {root}),
      remedy: texts.nothingRemedy,
    });
  }

  // 2.4 starts with the version that it is written for, and 2.3 does not know that name.
  if (effective(tree).some(({key}) => key === 'dovecot_config_version')) {
    out(options['json'] === true ? JSON.stringify({already: true, entries: []}) : texts.already[lang]);
    return exitCode.done;
  }

  const migration = migrate(tree);
  const target = options['output'];
  if (typeof target === 'string') {
    writeNew(resolve(target), migration.after);
  }

  if (options['json'] === true) {
    out(JSON.stringify({already: false, entries: reportData(migration)}, null, 2));
  } else {
    reportLines(migration, lang).forEach(line => void out(line));
    if (typeof target === 'string') {
      out(fill(texts.written, {target})[lang]);
    }
  }

  return migration.entries.some(({outcome}) => outcome === 'lost' || outcome === 'by-hand')
    ? exitCode.pending
    : exitCode.done;
};

const limit = 4 * 1024 * 1024;

const treeIn = (files: Files): ConfigTree => ({
  root,
  read: path => files.read(path, {follow: true, limit})?.toString('latin1'),
  glob: pattern => {
    const folder = posix.dirname(pattern);
    const isMatch = globMatcher(pattern);
    return (files.list(folder) ?? []).map(name => posix.join(folder, name)).filter(isMatch);
  },
  editable: () => false,
});

// It holds what the old configuration held, passwords too: for root alone, and never in the place of another file.
const writeNew = (path: string, text: string) => {
  try {
    machineSystem().files.create(path, Buffer.from(text, 'latin1'), 0o600);
  } catch (error) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.notWritten, {path, why: (error as NodeJS.ErrnoException).code ?? String(error)}),
      remedy: texts.notWrittenRemedy,
    });
  }
};

const texts = {
  nothing: {en: 'There is no {root} to report on.', ja: '{root} がないため、報告できません。'},
  nothingRemedy: {
    en: 'Run it on the server, or name a copy of its files with “--root DIR”.',
    ja: 'サーバー上で実行するか、「--root ディレクトリー」で設定のコピーを指定してください。',
  },
  already: {
    en: 'This configuration is written for Dovecot 2.4 already.',
    ja: 'この設定はすでに Dovecot 2.4 の書き方です。',
  },
  written: {
    en: 'The whole configuration for 2.4 is in {target}, readable by root alone: it may hold passwords.',
    ja: '2.4 用の設定全体を {target} に書きました。パスワードを含むことがあるため、root だけが読めます。',
  },
  notWritten: {en: '{path} was not written: {why}.', ja: '{path} に書き込めませんでした: {why}'},
  notWrittenRemedy: {
    en: 'Name a file that is not there yet, in a folder that is.',
    ja: '存在するディレクトリーの、まだ存在しないファイルを指定してください。',
  },
} satisfies Record<string, Text>;
