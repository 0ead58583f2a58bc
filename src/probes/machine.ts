import type {Facts, Listener} from '../core/facts.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {parseListeners} from '../system/parse.js';
import {stoppedByPam} from './pam.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeContext, ProbeHandler} from './types.js';

/** What listens is exactly what was asked for, and where that was said, there and nowhere else. */
export const ports: ProbeHandler<'ports'> = async (probe, {host, facts}) => {
  const {exitCode, stdout} = await host.run('ss', ['-H', '-tlnp']);
  if (exitCode !== 0) {
    return [unchecked(probe, {summary: texts.ports, remedy: texts.portsRemedy})];
  }

  const listeners = parseListeners(stdout);
  const listening = new Set(listeners.map(({port}) => port));
  const places = misplaced(probe, listeners, facts);
  const missing = [...probe.open.filter(port => !listening.has(port)), ...places.missing];
  const extra = [...probe.closed.filter(port => listening.has(port)), ...places.extra];
  const where = probe.on === undefined ? '' : ` (${probe.on.join(', ')})`;
  return [
    missing.length + extra.length === 0
      ? pass(probe, {
          summary: texts.portsGood,
          values: {open: probe.open.join(', ') + where, closed: probe.closed.join(', ') || '—'},
        })
      : fail(probe, {
          summary: texts.portsWrong,
          values: {missing: missing.join(', ') || '—', extra: extra.join(', ') || '—'},
          remedy: texts.portsRemedy,
        }),
  ];
};

// Addresses on which open ports do not listen though they should, and those beyond, as address:port.
const misplaced = (
  {open, on}: Extract<Probe, {kind: 'ports'}>,
  listeners: readonly Listener[],
  facts: Facts,
): {readonly missing: readonly string[]; readonly extra: readonly string[]} => {
  const asked = on?.flatMap(placesOf) ?? [];
  // Postfix takes `all` for IPv6 too where the machine has it, and for loopback what there is (postconf(5)).
  const optional = facts.host.addresses.some(address => address.includes(':')) ? ['::1'] : ['::', '::1'];
  const found = (on === undefined ? [] : open).map(port => {
    const there = listeners.flatMap(listener => (listener.port === port ? placesOf(listener.address) : []));
    const needed = there.length === 0 ? [] : asked.filter(place => !optional.includes(place));
    return {
      missing: needed.filter(place => !there.includes(place)).map(place => named(place, port)),
      extra: [...new Set(there)].filter(place => !asked.includes(place)).map(place => named(place, port)),
    };
  });
  return {missing: found.flatMap(({missing}) => missing), extra: found.flatMap(({extra}) => extra)};
};

// A socket for both families stands for each of them; loopback-only takes every address of 127.0.0.0/8 that the machine has.
const placesOf = (address: string): readonly string[] =>
  address === '*' ? ['0.0.0.0', '::'] : [canonical(address).replace(/^127\..*/, '127.0.0.1')];

const named = (address: string, port: number) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

// An address of IPv6 can be written in many ways (RFC 5952).
const canonical = (address: string) => {
  const url = address.includes(':') ? URL.parse(`http://[${address}]`) : null;
  return url === null ? address : url.hostname.slice(1, -1);
};

/** A unit runs now and will after the next start. */
export const service: ProbeHandler<'service'> = async (probe, {host}) => {
  const {stdout, timedOut} = await host.run('/usr/bin/systemctl', [
    'show',
    '--property=ActiveState,UnitFileState',
    '--',
    probe.unit,
  ]);
  if (timedOut) {
    return [
      unchecked(probe, {summary: texts.unitSlow, values: {unit: probe.unit}, remedy: common.slowRemedy}),
    ];
  }

  const good = /ActiveState=active/.test(stdout) && /UnitFileState=(?:enabled|static|generated)/.test(stdout);
  return [
    good
      ? pass(probe, {summary: texts.runs, values: {unit: probe.unit}})
      : fail(probe, {
          summary: texts.stands,
          values: {unit: probe.unit},
          remedy: common.logRemedy,
          evidence: [stdout.trim().replaceAll('\n', ' ')],
        }),
  ];
};

/** Every account is found by the user database. */
export const usersListed: ProbeHandler<'users-listed'> = async (probe, {host}) => {
  const {stdout, exitCode, stderr, timedOut} = await host.run('/usr/bin/doveadm', ['user', '*'], {
    limit: 16 * 1024 * 1024,
  });
  if (timedOut) {
    return [unchecked(probe, {summary: texts.usersSlow, remedy: common.slowRemedy})];
  }

  const known = new Set(stdout.split('\n'));
  const unlisted = probe.expect.filter(name => !known.has(name));
  const named = probe.byName === true ? await knownByName(host, unlisted.slice(0, most)) : [];
  const missing = unlisted.filter(name => !named.includes(name));
  return [
    exitCode === 0 && missing.length === 0
      ? pass(probe, {
          summary: named.length === 0 ? texts.users : texts.usersNamed,
          values: {count: known.size - 1, names: named.join(', ')},
        })
      : fail(probe, {
          summary: texts.usersMissing,
          values: {names: missing.join(', ')},
          remedy: common.logRemedy,
          evidence: stderr.trim().split('\n').slice(-2),
        }),
  ];
};

/** Accounts that are asked for one by one. */
const most = 20;

// doveadm-user(1): 67 for one that is not known.
const knownByName = async (host: ProbeContext['host'], names: readonly string[]) => {
  const known: string[] = [];
  for (const name of names) {
    if ((await host.run('/usr/bin/doveadm', ['user', name])).exitCode === 0) {
      known.push(name);
    }
  }

  return known;
};

/** No password database knows a system account, so that no password of it can open a mailbox. */
export const systemAccountRefused: ProbeHandler<'system-account-refused'> = async (probe, context) => {
  const {host} = context;
  const {gate} = probe;
  if (gate !== undefined) {
    return [await stoppedByPam({...probe, gate}, context)];
  }

  const {stdout, stderr} = await host.run('/usr/bin/doveadm', ['auth', 'lookup', probe.user]);
  const values = {user: probe.user};
  if (/doesn't exist|user not found/i.test(stdout + stderr)) {
    return [pass(probe, {summary: texts.refused, values})];
  }

  return /^passdb:/m.test(stdout)
    ? [fail(probe, {summary: texts.known, values, remedy: texts.knownRemedy})]
    : [
        unchecked(probe, {
          summary: texts.refusedUnknown,
          values,
          remedy: texts.knownRemedy,
          evidence: (stdout + stderr).trim().split('\n').slice(-2),
        }),
      ];
};

/** The log holds no error or worse since the changes were made. */
export const logQuiet: ProbeHandler<'log-quiet'> = async (probe, {host, since}) => {
  const units = probe.units.flatMap(unit => ['--unit', `${unit}*`]);
  const {exitCode, stdout} = await host.run('/usr/bin/journalctl', [
    '--quiet',
    '--no-pager',
    '--output=short',
    '--priority=warning',
    `--since=@${Math.floor(Date.parse(since) / 1000)}`,
    ...units,
  ]);
  if (exitCode !== 0 && exitCode !== 1) {
    return [unchecked(probe, {summary: texts.log, remedy: common.logRemedy})];
  }

  // The probes' own refused logins and relays are warnings of our making. What the replicator says of a partner that is away is
  // judged where the pair is looked at: one of the two is always set up first.
  const lines = stdout
    .split('\n')
    .filter(
      line =>
        /\b(?:error|fatal|panic):/i.test(line) &&
        !/dovetail-check|probe\.invalid|doveadm\(\S+\): Fatal: (?:connect\(\S+\)|Lookup of host \S+) failed/.test(
          line,
        ),
    );
  return [
    lines.length === 0
      ? pass(probe, {summary: texts.logQuiet})
      : fail(probe, {
          summary: texts.logLoud,
          values: {count: lines.length},
          remedy: common.logRemedy,
          evidence: lines.slice(0, 5),
        }),
  ];
};

const texts = {
  ports: {en: 'Which ports are open.', ja: '開いているポート。'},
  portsGood: {
    en: 'Listening as asked: {open}; closed: {closed}.',
    ja: '指定どおり待ち受けています: {open}。閉鎖: {closed}。',
  },
  portsWrong: {
    en: 'Not listening: {missing}; listening though not asked for: {extra}.',
    ja: '待ち受けていないポート: {missing}。余分なポート: {extra}。',
  },
  portsRemedy: {
    en: 'See “ss -tlnp” and the logs of Dovecot and Postfix.',
    ja: '「ss -tlnp」と Dovecot および Postfix のログを確認してください。',
  },
  runs: {en: '{unit} runs and starts with the machine.', ja: '{unit} は稼働中で、起動時にも開始されます。'},
  unitSlow: {
    en: 'Whether {unit} runs: systemd took too long to say.',
    ja: 'systemd の応答に時間がかかりすぎ、{unit} の稼働を確認していません。',
  },
  stands: {
    en: '{unit} does not run, or would not after a reboot.',
    ja: '{unit} が稼働していないか、再起動後に開始されません。',
  },
  users: {
    en: 'Accounts in the user database: {count}.',
    ja: 'ユーザーデータベースにアカウントが {count} 個あります。',
  },
  usersNamed: {
    en: 'Accounts in the user database: {count}; known by name though not listed: {names}.',
    ja: 'ユーザーデータベースのアカウント: {count} 個。一覧にないが名前で確認できたもの: {names}。',
  },
  usersSlow: {
    en: 'Whether the user database lists all accounts: it took too long.',
    ja: '時間がかかりすぎ、ユーザーデータベースにすべてのアカウントがあるか確認していません。',
  },
  usersMissing: {
    en: 'The user database does not list all accounts: {names}',
    ja: 'ユーザーデータベースにないアカウントがあります: {names}',
  },
  refused: {
    en: 'The system account {user} is unknown to the mail server.',
    ja: 'システムアカウント {user} ではメールにログインできません。',
  },
  refusedUnknown: {
    en: 'Whether the system account {user} can log in.',
    ja: 'システムアカウント {user} がログインできるかどうか。',
  },
  known: {
    en: 'The system account {user} can log in to the mail server.',
    ja: 'システムアカウント {user} でメールにログインできます。',
  },
  knownRemedy: {
    en: 'Look which password databases are on: “doveconf -n”.',
    ja: '有効なパスワードデータベースを「doveconf -n」で確認してください。',
  },
  log: {en: 'Whether the log has errors.', ja: 'ログのエラーの有無。'},
  logQuiet: {en: 'No errors in the log since the changes.', ja: '変更後のログにエラーはありません。'},
  logLoud: {
    en: '{count} errors in the log since the changes.',
    ja: '変更後のログにエラーが {count} 件あります。',
  },
} satisfies Record<string, Text>;
