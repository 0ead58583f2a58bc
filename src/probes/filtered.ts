import {randomBytes} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import {clamavFiles, hasSignatures} from '../core/clamav-files.js';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {answers} from './answers.js';
import {withPassword} from './logins.js';
import {arrival, withMail} from './mail.js';
import {common, fail, pass, unchecked} from './result.js';
import {putOff, putOffIn} from './smtp-replies.js';
import {addressOf, sendMessage} from './submission.js';
import type {ProbeContext, ProbeHandler} from './types.js';

type Filtered = Extract<Probe, {kind: 'filtered-message'}>;

/** The messages that every filter knows (GTUBE, EICAR). Put together here, so that no filter finds them in this program. */
const gtube = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'].join('');
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/** Milliseconds that a filter may take to start: it compiles its rules, or loads its signatures, first. */
const startTime = 180_000;

/** Milliseconds after which a filter that has just learnt that its daemon is there is tried again, and how often. */
const again = {pause: 5000, times: 6};

/** A message that the filter is there for is refused while it is sent. Should it be taken, it is looked for and removed. */
export const filteredMessage: ProbeHandler<'filtered-message'> = (probe, context) =>
  withPassword(probe, context, async ({user}, password) => {
    const asleep = await notThere(probe, context);
    if (asleep !== undefined) {
      return [asleep];
    }

    // ClamAV's filter looks for a daemon that it has lost only when the next message needs it.
    const times = probe.what.kind === 'virus' ? again.times : 1;
    for (let left = times; ; left -= 1) {
      const finding = await sent(probe, context, user, password);
      if (finding !== undefined || left === 1) {
        return [finding ?? taken(probe, user)];
      }

      await wait(again.pause);
    }
  });

// Why it makes no sense to send anything, where it does not.
const notThere = async (probe: Filtered, {host, applying}: ProbeContext): Promise<Finding | undefined> => {
  const {what} = probe;
  switch (what.kind) {
    case 'attachment':
      return undefined;
    case 'spam':
      return (await answers({host: '127.0.0.1', port: what.port}, startTime))
        ? undefined
        : fail(probe, {summary: texts.silent, values: {port: what.port}, remedy: texts.spamRemedy});
    case 'virus':
      if (!hasSignatures(host.files.list(clamavFiles.signatures) ?? [])) {
        // They come by the Internet, and take their time: no reason to take back what was just set up.
        return (applying ? unchecked : fail)(probe, {
          summary: applying ? texts.noSignatures : texts.unseen,
          remedy: texts.noSignaturesRemedy,
        });
      }

      // clamd(8): zPING is answered once everything is loaded.
      return (await answers({path: clamavFiles.socket}, startTime, {question: 'zPING\0', answer: 'PONG'}))
        ? undefined
        : fail(probe, {summary: texts.noDaemon, remedy: texts.virusRemedy});
  }
};

// What came of sending it; undefined where it was taken, and removed from the mailbox again.
const sent = async (
  probe: Filtered,
  context: ProbeContext,
  user: string,
  password: Secret,
): Promise<Finding | undefined> => {
  const {what} = probe;
  const mark = randomBytes(12).toString('hex');
  const started = Date.now();
  const error = await sendMessage(probe, context, {user, password, mark, ...letterOf(what)});
  const values = {name: nameOf(what)};
  const off = putOffIn(error ?? {});
  if (off !== undefined) {
    return putOff(probe, {summary: texts.sending, values}, off);
  }

  if (error !== undefined) {
    const evidence = [error.message];
    switch (refusedBy(what, error.message, context.holding)) {
      case 'itself':
        return pass(probe, {summary: texts.refused, values});
      case 'another':
        return unchecked(probe, {
          summary: texts.another,
          values,
          remedy: texts.anotherRemedy,
          evidence,
        });
      case 'nothing':
        return fail(probe, {summary: texts.otherwise, values, remedy: common.logRemedy, evidence});
    }
  }

  await withMail(probe, context, user, password, async mail => {
    await arrival(mail, mark, started, ['INBOX', 'Junk']);
    return taken(probe, user);
  });
  return undefined;
};

/**
 * Whether a reply is a filter's own refusal, that of another rule, or none for good. While mail is held back (soft_bounce) every
 * refusal is a 4xx, as that of a filter that is down is: only its words tell them apart.
 */
export const refusedBy = (
  {kind}: Filtered['what'],
  reply: string,
  holding: boolean,
): 'itself' | 'another' | 'nothing' => {
  const code = /\b([45])\d\d[ -]/.exec(reply)?.[1];
  const isItsOwn = ownWords[kind].test(reply);
  return code === '5' && (isItsOwn || kind !== 'virus')
    ? 'itself'
    : code === '5'
      ? 'another'
      : code === '4' && holding && isItsOwn
        ? 'itself'
        : 'nothing';
};

// What the filters say: the table of endings, rspamd, and ClamAV with the words that it is given here.
const ownWords = {
  attachment: /whose name ends in/,
  spam: /gtube|spam/i,
  virus: /carries a virus/,
} as const;

const taken = (probe: Filtered, user: string) =>
  fail(probe, {
    summary: texts.taken,
    values: {name: nameOf(probe.what), user: addressOf(probe, user)},
    remedy: {attachment: texts.takenRemedy, spam: texts.spamRemedy, virus: texts.virusRemedy}[
      probe.what.kind
    ],
  });

const nameOf = (what: Filtered['what']) =>
  what.kind === 'attachment' ? `dovetail-test.${what.ending}` : what.kind === 'spam' ? 'GTUBE' : 'EICAR';

const letterOf = (what: Filtered['what']) => {
  switch (what.kind) {
    case 'attachment':
      return {
        attachments: [
          {
            filename: nameOf(what),
            content: 'This is no program: dovetail tests whether its name is refused.\n',
          },
        ],
      };
    case 'spam':
      return {text: `${gtube}\n`};
    case 'virus':
      // Without an ending, so that no rule for names is quicker.
      return {attachments: [{filename: 'dovetail-test', content: eicar}]};
  }
};

const texts = {
  refused: {
    en: 'The test message {name} is refused while it is sent.',
    ja: 'テストメール {name} は送信時に拒否されます。',
  },
  sending: {
    en: 'Whether the test message {name} is refused while it is sent.',
    ja: 'テストメール {name} が送信時に拒否されるかどうか。',
  },
  otherwise: {
    en: 'The test message {name} could not be sent, and not because of the filter.',
    ja: 'テストメール {name} が、フィルター以外の理由で送信できません。',
  },
  another: {
    en: 'Whether {name} is refused: another rule was quicker.',
    ja: '別の規則が先に拒否したため、{name} が拒否されるか確認していません。',
  },
  anotherRemedy: {
    en: 'See which rule refused it, and send the EICAR test file past it.',
    ja: 'どの規則が拒否したかを確認し、それに触れない方法で EICAR テストファイルを送ってください。',
  },
  taken: {
    en: 'The test message {name} was taken; it was removed from the mailbox of {user}.',
    ja: 'テストメール {name} が受け付けられました ({user} のメールボックスから削除しました)。',
  },
  takenRemedy: {
    en: 'See whether “postconf mime_header_checks” names /etc/postfix/dovetail_attachments.',
    ja: '「postconf mime_header_checks」に /etc/postfix/dovetail_attachments があるか確認してください。',
  },
  silent: {
    en: 'The spam filter does not answer on port {port} of this machine.',
    ja: '迷惑メールフィルターがポート {port} で応答しません。',
  },
  spamRemedy: {
    en: 'See “systemctl status rspamd” and /var/log/rspamd/rspamd.log.',
    ja: '「systemctl status rspamd」と /var/log/rspamd/rspamd.log を確認してください。',
  },
  noSignatures: {
    en: 'Whether viruses are refused: ClamAV has no signatures yet, and does not run without them.',
    ja: 'ClamAV の定義ファイルがまだなく起動していないため、ウイルスが拒否されるか確認していません。',
  },
  unseen: {
    en: 'No virus is seen: ClamAV has no signatures, and does not run without them.',
    ja: 'ClamAV の定義ファイルがなく起動していないため、ウイルスを検出できません。',
  },
  noSignaturesRemedy: {
    en: 'See /var/log/clamav/freshclam.log: it loads them from database.clamav.net. Then run “dovetail check”.',
    ja: '/var/log/clamav/freshclam.log を確認してください (database.clamav.net から取得します)。取得後に「dovetail check」を実行してください。',
  },
  noDaemon: {
    en: 'ClamAV’s daemon does not answer.',
    ja: 'ClamAV のデーモンが応答しません。',
  },
  virusRemedy: {
    en: 'See “systemctl status clamav-daemon clamav-milter”, and /var/log/clamav.',
    ja: '「systemctl status clamav-daemon clamav-milter」と /var/log/clamav を確認してください。',
  },
} satisfies Record<string, Text>;
