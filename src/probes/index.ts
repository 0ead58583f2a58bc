import {setTimeout as wait} from 'node:timers/promises';
import type {Finding} from '../core/finding.js';
import type {Probe, ProbeAccount} from '../core/probe.js';
import {type Text, visibleLine} from '../core/text.js';
import {bans} from './bans.js';
import {blockList} from './block-lists.js';
import {chrootCopies} from './chroot-copies.js';
import {dovecotConfig, postfixConfig} from './configs.js';
import {closedToStrangers, roleAddresses, unknownRecipientRefused} from './dialogue-probes.js';
import {selinuxDenials} from './denials.js';
import {dkimRecord, dmarcRecord, spfRecord} from './dns-records.js';
import {filteredMessage} from './filtered.js';
import {firewall} from './firewall.js';
import {strictGreeting} from './greeting.js';
import {lmtpHost} from './lmtp-host.js';
import {queueIsLocal, secretsKept} from './hardened.js';
import {imapLogin, pop3Login, specialUse} from './logins.js';
import {logQuiet, ports, service, systemAccountRefused, usersListed} from './machine.js';
import {patternsRead} from './patterns.js';
import {placedAt} from './placed.js';
import {directory} from './ldap/directory.js';
import {recipientsKnown} from './recipients.js';
import {foreignSenderRefused, noPlaintextLogin, unknownUserRefused} from './refused-logins.js';
import {relayRefused} from './relay.js';
import {renewal} from './renewal.js';
import {replication} from './replication.js';
import {common, fail, unchecked, withUnit} from './result.js';
import {saslHost} from './sasl-host.js';
import {saslauthd} from './saslauthd.js';
import {servicesRefused} from './services-refused.js';
import {selinuxPolicy} from './selinux-policy.js';
import {sieveScript, spamFiled} from './sieve.js';
import {signedMessage} from './signed.js';
import {relayHost, roundTrip, submissionLogin} from './submission.js';
import {strangersJudged} from './strangers.js';
import {tableAnswers} from './table.js';
import {tls} from './tls.js';
import {trustedNetworks} from './trusted-networks.js';
import type {ProbeContext, ProbeHandler} from './types.js';
import {watching} from './watching.js';

const handlers = {
  tls: tls,
  renewal: renewal,
  'imap-login': imapLogin,
  'pop3-login': pop3Login,
  'unknown-user-refused': unknownUserRefused,
  'system-account-refused': systemAccountRefused,
  'no-plaintext-login': noPlaintextLogin,
  'submission-login': submissionLogin,
  'relay-refused': relayRefused,
  'foreign-sender-refused': foreignSenderRefused,
  'chroot-copies': chrootCopies,
  'trusted-networks': trustedNetworks,
  'secrets-kept': secretsKept,
  'queue-is-local': queueIsLocal,
  'strict-greeting': strictGreeting,
  'unknown-recipient-refused': unknownRecipientRefused,
  'recipients-known': recipientsKnown,
  'round-trip': roundTrip,
  'role-addresses': roleAddresses,
  'closed-to-strangers': closedToStrangers,
  ports: ports,
  service: service,
  firewall: firewall,
  'special-use': specialUse,
  replication: replication,
  'users-listed': usersListed,
  'services-refused': servicesRefused,
  directory: directory,
  'table-answers': tableAnswers,
  'dovecot-config': dovecotConfig,
  'postfix-config': postfixConfig,
  'log-quiet': logQuiet,
  'sieve-script': sieveScript,
  'spam-filed': spamFiled,
  bans: bans,
  watching: watching,
  'filtered-message': filteredMessage,
  'signed-message': signedMessage,
  'dkim-record': dkimRecord,
  'spf-record': spfRecord,
  'dmarc-record': dmarcRecord,
  'selinux-policy': selinuxPolicy,
  'selinux-denials': selinuxDenials,
  'relay-host': relayHost,
  'lmtp-host': lmtpHost,
  'sasl-host': saslHost,
  saslauthd: saslauthd,
  'strangers-judged': strangersJudged,
  'block-list': blockList,
  'patterns-read': patternsRead,
} satisfies {[K in Probe['kind']]: ProbeHandler<K>};

/**
 * Milliseconds for a probe with all that it asks again: each answer has its own time, but who gets every one of them at the last moment
 * would wait for hours. A filter may load its signatures for minutes before it is asked.
 */
const timeFor = ({kind}: Probe): number => (kind === 'filtered-message' ? 480_000 : 240_000);

/** Runs probes one after the other; one that throws has failed, it never ends the others. One that does not end is not waited for. */
export const runProbes = async (
  probes: readonly Probe[],
  context: ProbeContext,
  account: ProbeAccount | undefined,
  onFinding: (finding: Finding) => void,
  time = timeFor,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const probe of probes) {
    for (const found of await inTime(probe, runProbe(withAccount(probe, account), context), time(probe))) {
      const finding = withUnit(found, context.postfixUnit);
      findings.push(finding);
      onFinding(finding);
    }
  }

  return findings;
};

const inTime = async (probe: Probe, result: Promise<readonly Finding[]>, time: number) => {
  const over = new AbortController();
  const late = wait(time, undefined, {signal: over.signal}).then(
    () => [
      unchecked(probe, {
        summary: texts.late,
        values: {id: probe.id, seconds: Math.round(time / 1000)},
        remedy: common.slowRemedy,
      }),
    ],
    () => [],
  );
  try {
    return await Promise.race([result, late]);
  } finally {
    over.abort();
  }
};

const runProbe = async (probe: Probe, context: ProbeContext): Promise<readonly Finding[]> => {
  try {
    // The table is typed over the union: a probe's kind chooses the handler for exactly that kind.
    return await (
      handlers[probe.kind] as unknown as (probe: Probe, context: ProbeContext) => Promise<readonly Finding[]>
    )(probe, placedAt(context, probe.at));
  } catch (error) {
    const words = visibleLine(String((error as Error).message));
    // A place to look from that is gone is no fault of the server's.
    const judge = (error as {code?: string}).code === 'UNPLAYED' ? unchecked : fail;
    return [
      judge(probe, {
        summary: {
          en: `The check “${probe.id}” could not be carried out.`,
          ja: `確認「${probe.id}」を実行できませんでした。`,
        },
        remedy: common.logRemedy,
        evidence: [words],
      }),
    ];
  }
};

const withAccount = (probe: Probe, account: ProbeAccount | undefined): Probe =>
  account !== undefined &&
  [
    'imap-login',
    'pop3-login',
    'submission-login',
    'foreign-sender-refused',
    'round-trip',
    'special-use',
    'sieve-script',
    'spam-filed',
    'signed-message',
    'filtered-message',
    'replication',
  ].includes(probe.kind)
    ? ({...probe, account} as Probe)
    : probe;

const texts = {
  late: {
    en: 'The check “{id}” was not done after {seconds} seconds.',
    ja: '確認「{id}」は {seconds} 秒たっても終わりませんでした。',
  },
} satisfies Record<string, Text>;
