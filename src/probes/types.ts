import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Secret, SecretRef} from '../core/secret.js';
import type {Host} from '../system/types.js';

/** Milliseconds until a connection must stand. */
export const probeTimeout = 5000;

/**
 * Milliseconds for an answer. Postfix looks its client up before it greets, and a name server that loses one packet costs five
 * seconds (resolv.conf(5)); Dovecot makes who failed lately wait, up to 15 seconds (auth penalty).
 */
export const answerTimeout = 20_000;

export type ProbeContext = {
  readonly host: Host;
  readonly facts: Facts;
  /** Address that users reach this machine by, as far as it can be told from inside. */
  readonly address: string;
  /** The value of a secret; undefined where it is not known to this process. */
  readonly open: (ref: SecretRef) => Secret | undefined;
  /** Unit under which Postfix's processes log (journalctl(1), -u). */
  readonly postfixUnit: string;
  /** Postfix holds mail back (`soft_bounce`): its refusals are 4xx for now. */
  readonly holding: boolean;
  /** Whether changes were just made: what an admin has to do beside them is no reason to take them back. */
  readonly applying: boolean;
  /** Since when the log counts: UTC, RFC 3339. */
  readonly since: string;
  /** Plays dialogues from this machine itself. */
  readonly play: Outside['play'];
  /** Runs dialogues from an address that the server must not trust; undefined where no namespace can be made, with the reason. */
  readonly outside: Outside | undefined;
};

/** A temporary place outside of the machine's own networks. `addresses` are the server's, as seen from there. */
export type Outside = {
  readonly addresses: readonly {readonly family: 4 | 6; readonly address: string}[];
  /** Sends lines and collects the replies, one dialogue a call; see `script.ts`. */
  readonly play: (script: Script) => Promise<ScriptResult>;
};

/** One SMTP, IMAP, POP3 or ManageSieve dialogue as data, so that it can be played from another network namespace. */
export type Script = {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'smtp' | 'lmtp' | 'imap' | 'pop3' | 'sieve' | 'dovecot-auth';
  /** TLS from the first byte, after STARTTLS, or none. */
  readonly tls: 'wrapper' | 'starttls' | 'none';
  /** Whose certificate it must be, and who may have made it (PEM); without it any will do. */
  readonly trust?: {readonly name: string; readonly ca: string};
  readonly lines: readonly string[];
};

export type ScriptResult =
  /** Replies in order: the greeting, then one for each line. */
  | {readonly kind: 'played'; readonly replies: readonly string[]}
  | {
      readonly kind: 'refused';
      readonly reason: 'connection-refused' | 'timeout' | 'unreachable' | 'closed' | 'tls';
      readonly replies: readonly string[];
      /** The port took the connection before it came to this. */
      readonly connected?: true;
      /** What TLS found wrong. */
      readonly words?: string;
    };

export type ProbeHandler<K extends Probe['kind']> = (
  probe: Extract<Probe, {kind: K}>,
  context: ProbeContext,
) => Promise<readonly Finding[]>;
