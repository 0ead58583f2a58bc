import {exitCode} from '../core/exit-code.js';
import {fill, type Text} from '../core/text.js';
import {platformNotes} from '../planner/platform-notes.js';
import {queueOf} from '../detect/queue.js';
import {platformOf} from '../platforms/index.js';
import {parseOsRelease} from '../system/parse.js';
import {systemOf} from './system-of.js';
import {driftOf} from '../transaction/drift.js';
import {expiredFinding, pendingHere, secondsLeft, timeOf} from '../transaction/confirmation.js';
import {currentId, listTransactions, stateFolder} from '../transaction/store.js';
import type {CommandContext} from './context.js';
import {pairNote} from './pair/note.js';
import {needRoot} from './need-root.js';
import {platformNamed} from './platform-named.js';
import {queueJson, queueWords} from './queue-words.js';

/** `dovetail status`: what is applied, whether a run was cut short, and what waits in the queue. Loads little: it is asked often. */
export const status = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {lang, out, options} = context;
  const system = systemOf(context);
  const {files} = system;
  const unfinished = currentId(files);
  const all = listTransactions(files);
  const last = all.find(({state, plan}) => state === 'committed' && plan.accounts === undefined);
  const drift = driftOf(files, all);
  const pending = pendingHere(files, all);
  const expired = expiredFinding(files, all);
  const saved = files.lstat(`${stateFolder}/progress.yaml`) !== undefined;
  const {platform, detected} = platformHere(context);
  const half = pairNote(files);
  const queue = await queueOf(system);
  if (options['json'] === true) {
    out(
      JSON.stringify({
        unfinished: unfinished ?? null,
        last: last?.id ?? null,
        pending: saved,
        confirm:
          pending === undefined
            ? null
            : {id: pending.id, deadline: pending.deadline.toISOString(), left: secondsLeft(pending)},
        expired: expired === undefined ? null : (last?.id ?? null),
        drift,
        pair: half?.target.host ?? null,
        queue: queue === undefined ? null : queueJson(queue),
        platform:
          platform === undefined
            ? null
            : {id: platform.id, forced: platform.id !== detected, evidence: platform.evidence},
      }),
    );
  } else {
    const sections = last?.plan.sections.join(', ') ?? '';
    out(
      (last === undefined ? texts.nothing : fill(texts.last, {id: last.id, when: last.plan.made, sections}))[
        lang
      ],
    );
    for (const {path, how, transaction} of drift) {
      out(`  ${fill(texts[how], {path, transaction})[lang]}`);
    }

    if (last !== undefined && drift.length === 0) {
      out(texts.same[lang]);
    }

    queueWords(queue, lang).forEach(line => void out(line));

    if (pending !== undefined) {
      const left = {id: pending.id, left: secondsLeft(pending), time: timeOf(pending.deadline)};
      out(fill(texts.countdown, left)[lang]);
    }

    if (expired !== undefined) {
      out(expired.summary[lang]);
    }

    if (saved) {
      out(texts.saved[lang]);
    }

    if (half !== undefined) {
      out(fill(texts.half, {host: half.target.host})[lang]);
    }

    for (const {summary, cause} of platform === undefined ? [] : platformNotes(platform, detected)) {
      out(summary[lang]);
      cause === undefined || out(`  ${cause[lang]}`);
    }

    if (unfinished !== undefined) {
      out(fill(texts.unfinished, {id: unfinished})[lang]);
    }
  }

  return unfinished !== undefined ? exitCode.stuck : drift.length > 0 ? exitCode.pending : exitCode.done;
};

// Asked of the files alone: status loads little.
const platformHere = (context: CommandContext) => {
  const {files} = systemOf(context);
  const text = ['/etc/os-release', '/usr/lib/os-release']
    .map(path => files.read(path, {follow: true, limit: 65_536})?.toString('latin1') ?? '')
    .find(found => found !== '');
  const os = parseOsRelease(text ?? '');
  return {platform: platformOf(os, platformNamed(context)), detected: platformOf(os)?.id ?? ''};
};

const texts = {
  nothing: {en: 'Nothing that dovetail did is in force.', ja: 'dovetail が適用したものはありません。'},
  last: {
    en: 'Last applied: {id} ({when}). Sections: {sections}.',
    ja: '最後の適用: {id} ({when})。セクション: {sections}',
  },
  changed: {
    en: '{path} was changed since {transaction} wrote it.',
    ja: '{path} は {transaction} が書いた後に変更されています。',
  },
  gone: {
    en: '{path} is gone since {transaction} wrote it.',
    ja: '{path} は {transaction} が書いた後になくなっています。',
  },
  back: {
    en: '{path} is there again since {transaction} removed it.',
    ja: '{path} は {transaction} が削除した後に再び作られています。',
  },
  same: {en: 'All files are as they were left.', ja: 'ファイルはすべて適用時のままです。'},
  countdown: {
    en: '{id} goes back in {left} s ({time}) unless “dovetail confirm” is run from a new session.',
    ja: '新しいセッションで「dovetail confirm」を実行しないと、{id} はあと {left} 秒 ({time}) で元に戻ります。',
  },
  half: {
    en: 'A pair with {host} was begun and not finished: “dovetail pair --finish” makes it, or takes both back.',
    ja: '{host} とのペア作成が途中です。「dovetail pair --finish」で完成するか、両方を元に戻します。',
  },
  saved: {
    en: 'Answers of an unfinished session are kept: “dovetail” goes on with them.',
    ja: '途中の回答が保存されています。「dovetail」で続きから再開できます。',
  },
  unfinished: {
    en: '{id} was cut short: “dovetail rollback” puts the machine in order.',
    ja: '{id} は中断されています。「dovetail rollback」で元の状態に戻せます。',
  },
} satisfies Record<string, Text>;
