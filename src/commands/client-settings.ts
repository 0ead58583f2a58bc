import {complete} from '../answers/complete.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {adoptAll} from '../engine/adopt.js';
import {handover} from '../engine/handover.js';
import {steps} from '../../steps/index.js';
import {autoconfig, muttrc} from '../../steps/lib/client-files.js';
import {domainsOf} from '../../steps/lib/read.js';
import {type CommandContext, openMachine} from './context.js';
import {loadAnswers} from './load-answers.js';

/**
 * `dovetail client-settings [table|thunderbird|mutt]`: what people type into their mail programs and what to publish, of this server
 * as it is, or as an answers file says. Nothing changes.
 */
export const clientSettings = async (context: CommandContext): Promise<number> => {
  const {system, facts, platform} = await openMachine(context, {reading: true});
  const given =
    typeof context.options['answers'] === 'string' ? loadAnswers(context) : adoptAll(steps, facts, platform);
  const all = complete(steps, given, {facts, platform});
  const form = context.args[0] ?? 'table';
  const lines =
    form === 'table'
      ? handover({facts, platform, system}, given).map(text => text[context.lang])
      : file(form === 'thunderbird' ? autoconfig(all) : muttrc(all));
  if (lines.length === 0) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.nobody, remedy: texts.nobodyRemedy});
  }

  context.out(lines.join('\n').replace(/^\n/, ''));
  if (form === 'thunderbird') {
    // Beside the file, so that it can be written by a redirection.
    context.err(fill(texts.publish, {domain: domainsOf(all)[0] ?? ''})[context.lang]);
  }

  return exitCode.done;
};

const file = (text: string | undefined) => (text === undefined ? [] : [text.trimEnd()]);

const texts = {
  nobody: {
    en: 'Nobody reads mail on this machine: there are no settings for mail programs.',
    ja: 'このマシンではメールを読まないため、メールソフトの設定はありません。',
  },
  nobodyRemedy: {
    en: 'Set a server up first, or name answers with “--answers FILE”.',
    ja: '先にサーバーを設定するか、「--answers ファイル」で回答を指定してください。',
  },
  publish: {
    en: 'Publish it, for each domain: http://autoconfig.{domain}/mail/config-v1.1.xml, or https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml',
    ja: 'ドメインごとに公開します: http://autoconfig.{domain}/mail/config-v1.1.xml または https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml',
  },
} satisfies Record<string, Text>;
