import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {hasPostfix, hasSieve, hasSpamFolder} from './read.js';
import {hasScriptsBehind, spamScript} from './sieve-wants.js';

/** What the review says beside the diff of the section. */
export const sieveNotes = (all: AllAnswers, facts: Facts): readonly Finding[] => [
  ...(hasSieve(all) && !hasPostfix(all) ? [note('way-out', texts.wayOut, texts.wayOutRemedy)] : []),
  ...(!hasSieve(all) && facts.configured.dovecot && readDovecot(facts).lists.protocols?.includes('sieve')
    ? [note('no-plugin', texts.noPlugin, texts.noPluginRemedy)]
    : []),
  ...(!hasSpamFolder(all) && hasScriptsBehind(facts)
    ? [note('behind', fill(texts.behind, {path: spamScript}), texts.behindRemedy)]
    : []),
];

const note = (id: string, summary: Text, remedy: Text): Finding => ({
  id: `sieve:${id}`,
  section: 'sieve',
  severity: 'warning',
  summary,
  remedy,
});

const texts = {
  wayOut: {
    en: 'Rules that send mail (redirect, vacation, reject) need a way out, and this machine has no Postfix.',
    ja: 'メールを送る規則 (redirect、vacation、reject) には送信手段が必要ですが、このマシンに Postfix はありません。',
  },
  wayOutRemedy: {
    en: 'Set submission_host to a server that takes mail of this machine, or install a program that offers /usr/sbin/sendmail.',
    ja: 'このマシンのメールを受け付けるサーバーを submission_host に設定するか、/usr/sbin/sendmail を提供するプログラムを入れてください。',
  },
  noPlugin: {
    en: 'ManageSieve takes scripts on this machine, but no delivery runs them: nothing is filtered.',
    ja: 'ManageSieve はスクリプトを受け付けますが、配送時に実行されないため、振り分けは行われません。',
  },
  noPluginRemedy: {
    en: 'Answer yes to sieve.filter: it adds the plug-in to LMTP.',
    ja: 'sieve.filter に「はい」と答えると、LMTP にプラグインを追加します。',
  },
  behind: {
    en: '{path} stays: other scripts are numbered behind it, and Dovecot stops reading at a missing number.',
    ja: '{path} は残します。番号がそれより後のスクリプトがあり、Dovecot は番号が欠けるとそこで読むのをやめます。',
  },
  behindRemedy: {
    en: 'Number the others anew (sieve_before, sieve_before2, …), then answer again.',
    ja: 'ほかのスクリプトの番号 (sieve_before、sieve_before2、…) を振り直してから、もう一度答えてください。',
  },
} satisfies Record<string, Text>;
