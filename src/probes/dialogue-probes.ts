import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {common, fail, pass, unchecked} from './result.js';
import type {Outside, ProbeHandler, Script, ScriptResult} from './types.js';

/** A name that no account has; the check never tries a wrong password for somebody real. */
const nobody = 'dovetail-check-no-such-user';

/** Mail from outside to outside is refused at RCPT, over IPv4 and IPv6, in every spelling that has fooled servers before. */
export const relayRefused: ProbeHandler<'relay-refused'> = async (probe, {outside}) => {
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.relay,
        values: {port: probe.port},
        cause: common.noOutside,
        remedy: texts.relayElsewhere,
      }),
    ];
  }

  const findings: Finding[] = [];
  for (const {family, address} of outside.addresses) {
    const values = {port: probe.port, family};
    const open = await openRelay(probe, outside, address);
    findings.push(
      open === undefined
        ? pass({...probe, id: `${probe.id}:${family}`}, {summary: texts.relayRefused, values})
        : typeof open === 'string'
          ? fail(
              {...probe, id: `${probe.id}:${family}`},
              {summary: texts.relayOpen, values, remedy: texts.relayRemedy, evidence: [open]},
            )
          : unchecked(
              {...probe, id: `${probe.id}:${family}`},
              {summary: texts.relay, values, cause: texts.noAnswer, remedy: common.logRemedy},
            ),
    );
  }

  return findings;
};

// RCPT spellings of RELIABILITY: plain, percent hack, quoted, source route, bang path, literal, trailing dot. A refused
// connection or a refused sender is as good as a refused recipient.
const openRelay = async (
  probe: Extract<Probe, {kind: 'relay-refused'}>,
  outside: Outside,
  address: string,
) => {
  const domain = probe.domains[0] ?? 'localhost';
  const recipients = [
    'victim@elsewhere.invalid',
    `victim%elsewhere.invalid@${domain}`,
    `"victim@elsewhere.invalid"@${domain}`,
    `@${domain}:victim@elsewhere.invalid`,
    `victim@elsewhere.invalid@${domain}`,
    `elsewhere.invalid!victim@${domain}`,
    'victim@[203.0.113.9]',
    'victim@elsewhere.invalid.',
  ];
  for (const sender of ['someone@other.invalid', '']) {
    const lines = ['EHLO probe.invalid', `MAIL FROM:<${sender}>`];
    for (const recipient of recipients) {
      const script: Script = {
        address,
        port: probe.port,
        protocol: 'smtp',
        tls: 'none',
        lines: [...lines, `RCPT TO:<${recipient}>`, 'QUIT'],
      };
      const result = await outside.play(script);
      const reply = result.replies[3];
      if (reply !== undefined && /^2/.test(reply)) {
        return `RCPT TO:<${recipient}> → ${reply}`;
      }

      if (result.kind === 'refused' && result.reason === 'timeout') {
        return {unanswered: true};
      }
    }
  }

  return undefined;
};

/** A recipient that does not exist is refused while the sender waits, so that no bounce is ever made. */
export const unknownRecipientRefused: ProbeHandler<'unknown-recipient-refused'> = async (
  probe,
  {outside, address, holding},
) => {
  const recipient = `${nobody}@${probe.domain}`;
  const script = smtpScript(outside?.addresses[0]?.address ?? address, 25, [`RCPT TO:<${recipient}>`]);
  const result = await (outside?.play ?? play)(script);
  const reply = result.replies[3] ?? '';
  const values = {recipient};
  if (/^5/.test(reply) || (holding && /^450 4\.1\.1 /.test(reply))) {
    return [pass(probe, {summary: texts.unknownRefused, values})];
  }

  return /^2/.test(reply)
    ? [fail(probe, {summary: texts.unknownTaken, values, remedy: texts.unknownRemedy, evidence: [reply]})]
    : [
        fail(probe, {
          summary: texts.unknownUnclear,
          values,
          remedy: common.logRemedy,
          evidence: evidenceOf(result),
        }),
      ];
};

/** Mail to the role addresses is taken at RCPT. */
export const roleAddresses: ProbeHandler<'role-addresses'> = async (probe, {outside, address}) => {
  const server = outside?.addresses[0]?.address ?? address;
  const findings: Finding[] = [];
  for (const recipient of probe.addresses) {
    const result = await (outside?.play ?? play)(smtpScript(server, 25, [`RCPT TO:<${recipient}>`]));
    const reply = result.replies[3] ?? '';
    const own = {...probe, id: `${probe.id}:${recipient}`};
    findings.push(
      /^2/.test(reply)
        ? pass(own, {summary: texts.roleTaken, values: {recipient}})
        : fail(own, {
            summary: texts.roleRefused,
            values: {recipient},
            remedy: texts.roleRemedy,
            evidence: evidenceOf(result),
          }),
    );
  }

  return findings;
};

/** A login name that nobody has is refused. */
export const unknownUserRefused: ProbeHandler<'unknown-user-refused'> = async (probe, {address, holding}) => {
  const wrapper = [993, 995, 465].includes(probe.port);
  const credentials = Buffer.from(`\0${nobody}@${probe.name}\0${nobody}`).toString('base64');
  const scripts: Readonly<Record<typeof probe.protocol, Pick<Script, 'protocol' | 'lines'>>> = {
    imap: {protocol: 'imap', lines: [`LOGIN "${nobody}@${probe.name}" "${nobody}"`]},
    pop3: {protocol: 'pop3', lines: [`USER ${nobody}@${probe.name}`, `PASS ${nobody}`]},
    submission: {protocol: 'smtp', lines: ['EHLO probe.invalid', `AUTH PLAIN ${credentials}`]},
  };
  const result = await play({
    address,
    port: probe.port,
    tls: wrapper ? 'wrapper' : 'starttls',
    ...scripts[probe.protocol],
  });
  const reply = result.replies.at(-1) ?? '';
  const values = {port: probe.port, protocol: probe.protocol};
  const refused = {imap: /^d\d+ NO/m, pop3: /^-ERR/, submission: holding ? /^[45]35/ : /^5\d\d/}[
    probe.protocol
  ].test(reply);
  return [
    refused
      ? pass(probe, {summary: texts.strangerRefused, values})
      : fail(probe, {
          summary: texts.strangerUnclear,
          values,
          remedy: common.logRemedy,
          evidence: evidenceOf(result),
        }),
  ];
};

/** Without TLS nobody can send a password: no login is offered, and none is taken. Only from outside does this prove anything. */
export const noPlaintextLogin: ProbeHandler<'no-plaintext-login'> = async (probe, {outside}) => {
  const values = {port: probe.port, protocol: probe.protocol};
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.plaintext,
        values,
        cause: common.noOutside,
        remedy: texts.plaintextElsewhere,
      }),
    ];
  }

  const address = outside.addresses[0]?.address ?? '';
  const scripts: Readonly<Record<typeof probe.protocol, Pick<Script, 'protocol' | 'lines'>>> = {
    imap: {protocol: 'imap', lines: [`LOGIN ${nobody} ${nobody}`]},
    pop3: {protocol: 'pop3', lines: [`USER ${nobody}`]},
    smtp: {protocol: 'smtp', lines: ['EHLO probe.invalid']},
    sieve: {
      protocol: 'sieve',
      lines: [`AUTHENTICATE "PLAIN" "${Buffer.from(`\0${nobody}\0${nobody}`).toString('base64')}"`],
    },
  };
  const result = await outside.play({address, port: probe.port, tls: 'none', ...scripts[probe.protocol]});
  if (
    result.kind === 'refused' &&
    (result.reason === 'connection-refused' ||
      result.reason === 'timeout' ||
      result.reason === 'closed' ||
      result.reason === 'unreachable')
  ) {
    return [pass(probe, {summary: texts.closedToOutside, values})];
  }

  const reply = result.replies.at(-1) ?? '';
  const safe = {
    imap: /PRIVACYREQUIRED|cleartext|plaintext/i.test(reply),
    pop3: /^-ERR.*(?:cleartext|plaintext|SSL|TLS)/i.test(reply),
    smtp: /^250/m.test(reply) && !/^250[ -]AUTH/m.test(reply),
    sieve: /^NO\b.*(?:cleartext|plaintext|ENCRYPT-NEEDED)/i.test(reply),
  }[probe.protocol];
  return [
    safe
      ? pass(probe, {summary: texts.plaintextRefused, values})
      : fail(probe, {
          summary: texts.plaintextOpen,
          values,
          remedy: texts.plaintextRemedy,
          evidence: evidenceOf(result),
        }),
  ];
};

/** From an address that nobody named, the port does not answer. */
export const closedToStrangers: ProbeHandler<'closed-to-strangers'> = async (probe, {outside}) => {
  const values = {port: probe.port};
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.strangers,
        values,
        cause: common.noOutside,
        remedy: texts.strangersElsewhere,
      }),
    ];
  }

  const findings: Finding[] = [];
  for (const {family, address} of outside.addresses) {
    const own = {...probe, id: `${probe.id}:${family}`};
    const shown = {...values, family};
    // What is answered after the connection does not count: a port with TLS says nothing to who speaks in clear.
    const result = await outside.play({
      address,
      port: probe.port,
      protocol: 'smtp',
      tls: 'wrapper',
      lines: [],
    });
    const closed =
      result.kind === 'refused' &&
      ['connection-refused', 'unreachable', 'timeout'].includes(result.reason) &&
      result.replies.length === 0;
    findings.push(
      closed
        ? pass(own, {summary: texts.strangersOut, values: shown})
        : fail(own, {
            summary: texts.strangersIn,
            values: shown,
            remedy: texts.strangersRemedy,
            evidence: evidenceOf(result),
          }),
    );
  }

  return findings;
};

const smtpScript = (address: string, port: number, lines: readonly string[]): Script => ({
  address,
  port,
  protocol: 'smtp',
  tls: 'none',
  lines: ['EHLO probe.invalid', 'MAIL FROM:<>', ...lines, 'QUIT'],
});

const evidenceOf = (result: ScriptResult) => [
  ...result.replies.slice(-2),
  ...(result.kind === 'refused' ? [result.reason] : []),
];

const texts = {
  strangers: {
    en: 'Whether strangers reach port {port}.',
    ja: '許可していない相手がポート {port} に届くかどうか。',
  },
  strangersElsewhere: {
    en: 'From a machine that is not named, try to connect to port {port}: it must not answer.',
    ja: '許可していないマシンからポート {port} に接続し、応答しないことを確認してください。',
  },
  strangersOut: {
    en: 'Port {port} does not answer who is not named (IPv{family}).',
    ja: '許可していない相手にポート {port} は応答しません (IPv{family})。',
  },
  strangersIn: {
    en: 'Port {port} answers who is not named (IPv{family}): anybody can put mail into the mailboxes.',
    ja: '許可していない相手にポート {port} が応答します (IPv{family})。誰でもメールボックスに配送できます。',
  },
  strangersRemedy: {
    en: 'Close it: “dovetail lmtp”, and look at the zones of the firewall: “firewall-cmd --get-active-zones”.',
    ja: '「dovetail lmtp」で閉じ、「firewall-cmd --get-active-zones」でゾーンを確認してください。',
  },
  relay: {
    en: 'Whether port {port} relays for strangers.',
    ja: 'ポート {port} が第三者の中継を許すかどうか。',
  },
  relayElsewhere: {
    en: 'From another network run: swaks --server THIS-SERVER --from a@other.invalid --to b@elsewhere.invalid --quit-after RCPT',
    ja: '別のネットワークから実行してください: swaks --server このサーバー --from a@other.invalid --to b@elsewhere.invalid --quit-after RCPT',
  },
  relayRefused: {
    en: 'Port {port} refuses to relay for strangers (IPv{family}).',
    ja: 'ポート {port} は第三者の中継を拒否します (IPv{family})。',
  },
  relayOpen: {
    en: 'Port {port} relays mail for strangers (IPv{family}): spammers will find it within hours.',
    ja: 'ポート {port} は第三者のメールを中継します (IPv{family})。数時間で迷惑メールの踏み台になります。',
  },
  relayRemedy: {
    en: 'Roll back now, then check smtpd_relay_restrictions and mynetworks.',
    ja: 'ただちにロールバックし、smtpd_relay_restrictions と mynetworks を確認してください。',
  },
  noAnswer: {en: 'The server did not answer.', ja: 'サーバーが応答しません。'},
  unknownRefused: {
    en: 'Mail to {recipient}, who does not exist, is refused at once.',
    ja: '存在しない {recipient} 宛のメールは即座に拒否されます。',
  },
  unknownTaken: {
    en: 'Mail to {recipient}, who does not exist, is accepted; it would bounce to forged senders.',
    ja: '存在しない {recipient} 宛のメールが受け付けられ、偽の差出人への戻りメールになります。',
  },
  unknownUnclear: {
    en: 'Mail to {recipient} is neither taken nor refused for good.',
    ja: '{recipient} 宛のメールの扱いがはっきりしません。',
  },
  unknownRemedy: {
    en: 'Check virtual_mailbox_maps or local_recipient_maps: “dovetail delivery”.',
    ja: 'virtual_mailbox_maps または local_recipient_maps を確認してください: 「dovetail delivery」。',
  },
  roleTaken: {en: 'Mail to {recipient} is accepted.', ja: '{recipient} 宛のメールは受け付けられます。'},
  roleRefused: {en: 'Mail to {recipient} is refused.', ja: '{recipient} 宛のメールが拒否されます。'},
  roleRemedy: {
    en: 'Every domain must take mail for postmaster (RFC 5321, 4.5.1): “dovetail smtp”.',
    ja: 'どのドメインも postmaster 宛を受け取る必要があります (RFC 5321 4.5.1): 「dovetail smtp」。',
  },
  strangerRefused: {
    en: 'A user who does not exist is refused on port {port}.',
    ja: '存在しないユーザーはポート {port} で拒否されます。',
  },
  strangerUnclear: {
    en: 'Port {port} did not refuse a user who does not exist.',
    ja: 'ポート {port} は存在しないユーザーを拒否しませんでした。',
  },
  plaintext: {
    en: 'Whether port {port} takes passwords without TLS.',
    ja: 'ポート {port} が TLS なしでパスワードを受け付けるかどうか。',
  },
  plaintextElsewhere: {
    en: 'From another machine, see whether port {port} offers a login before STARTTLS (openssl s_client, telnet).',
    ja: '別のマシンから、ポート {port} が STARTTLS の前にログインを許すか確認してください (openssl s_client、telnet)。',
  },
  plaintextRefused: {
    en: 'Port {port} takes no password without TLS.',
    ja: 'ポート {port} は TLS なしではパスワードを受け付けません。',
  },
  closedToOutside: {
    en: 'Port {port} is closed to the outside.',
    ja: 'ポート {port} は外部に対して閉じています。',
  },
  plaintextOpen: {
    en: 'Port {port} takes passwords without TLS.',
    ja: 'ポート {port} は TLS なしでパスワードを受け付けます。',
  },
  plaintextRemedy: {
    en: 'Switch plaintext logins off: “dovetail auth”, “dovetail submission”.',
    ja: '平文ログインを無効にしてください: 「dovetail auth」「dovetail submission」。',
  },
} satisfies Record<string, Text>;
