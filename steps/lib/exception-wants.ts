import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {Probe} from '../../src/core/probe.js';
import type {AccountAnswer, AllAnswers} from '../../src/core/question.js';
import type {Row, Want} from '../../src/core/want.js';
import {chrootOf, itemsOf, mapItem, mapTypeOf, postfixPath, tableRow} from './postfix.js';
import {answer} from './read.js';
import {exceptionsIn, parseLogin, sendersIn} from './relay-exceptions.js';
import {hasRow, secretRow, target} from './relay-wants.js';

/** Delivery of its own beside `smtp`, which speaks to the relay alone: with TLS from the first byte, perhaps, or never without it. */
const service = 'exception';

const tables = {
  exceptions: {file: 'transport', list: 'transport_maps'},
  senders: {file: 'sender_relay', list: 'sender_dependent_default_transport_maps'},
  tls: {file: 'tls_policy', list: 'smtp_tls_policy_maps'},
  logins: {file: 'sasl_passwd', list: 'smtp_sasl_password_maps'},
} as const;

/**
 * Rows for mail that goes another way. With a login the connection must be encrypted (`encrypt` in the policy of that host);
 * without one TLS is used where it is offered. What is no longer named loses its row; rows of others stay.
 */
export const exceptionWants = (all: AllAnswers, facts: Facts, platform: Platform): readonly Want[] => {
  const exceptions = exceptionsIn(all);
  const senders = sendersIn(all);
  const logins = answer<readonly AccountAnswer[]>(all, 'relay', 'logins') ?? [];
  const known = logins.flatMap(({name, password}) => {
    const login = parseLogin(name);
    return login === undefined ? [] : [{...login, password}];
  });
  const encrypted = known.map(({relay}) => ({key: relay, value: 'encrypt'}));
  return [
    ...(exceptions.length + senders.length > 0
      ? [
          {
            kind: 'master' as const,
            name: service,
            type: 'unix' as const,
            state: 'present' as const,
            columns: {
              private: '-',
              unpriv: '-',
              chroot: chrootOf(facts, platform),
              wakeup: '-',
              maxproc: '-',
              command: 'smtp',
            },
            options: {
              syslog_name: `postfix/${service}`,
              smtp_tls_security_level: 'may',
              smtp_tls_wrappermode: 'no',
            },
          },
        ]
      : facts.postfix?.services.some(({name, type}) => name === service && type === 'unix') === true
        ? [{kind: 'master' as const, name: service, type: 'unix' as const, state: 'absent' as const}]
        : []),
    ...tableWants(
      'exceptions',
      exceptions.map(({key, host, port}) => ({
        key,
        value: `${service}:${host === undefined ? '' : target(host, port)}`,
      })),
      facts,
    ),
    ...tableWants(
      'senders',
      senders.map(({key, host, port}) => ({key, value: `${service}:${target(host, port)}`})),
      facts,
    ),
    ...tableWants('tls', encrypted, facts),
    ...(known.length === 0
      ? []
      : [mapItem(facts, tables.logins.list, postfixPath(facts, tables.logins.file))]),
    ...known.flatMap(({relay, user, password}) =>
      password === 'keep' ? [] : [secretRow(facts, relay, user, password)],
    ),
  ];
};

const tableWants = (
  table: 'exceptions' | 'senders' | 'tls',
  rows: readonly {readonly key: string; readonly value: string}[],
  facts: Facts,
): readonly Want[] => {
  const {file: name, list: at} = tables[table];
  const file = postfixPath(facts, name);
  const gone: readonly Row[] = rowsThere(facts, table)
    .filter(({key}) => !rows.some(row => row.key === key))
    .map(({key}) => ({key, state: 'absent'}));
  return rows.length + gone.length === 0
    ? []
    : [
        mapItem(facts, at, file),
        {
          kind: 'rows',
          file,
          format: 'table',
          ownership: {owner: 'root', group: 'root', mode: 0o644},
          compile: mapTypeOf(facts, at, file),
          rows: [...rows.map(({key, value}) => tableRow(key, value)), ...gone],
        },
      ];
};

// Only rows that these questions can express; the policy of a host is ours where a login of ours goes there.
const rowsThere = (facts: Facts, table: 'exceptions' | 'senders' | 'tls') => {
  const {file: name, list: at} = tables[table];
  const file = postfixPath(facts, name);
  if (!itemsOf(facts, at).some(item => item.endsWith(`:${file}`))) {
    return [];
  }

  return [...rowsOf(facts.files[file] ?? '', 'table').entries()]
    .map(([key, row]) => ({key, value: row.trim().split(/\s+/).slice(1).join(' ')}))
    .filter(({key, value}) =>
      table === 'tls' ? value === 'encrypt' && hasRow(facts, key) : value.startsWith(`${service}:`),
    );
};

/** What a configured machine has of them, as answers. */
export const adoptExceptions = (facts: Facts) => {
  const items = (table: 'exceptions' | 'senders') =>
    rowsThere(facts, table).map(({key, value}) => {
      const way = value.slice(service.length + 1);
      return `${key}=${way === '' ? 'direct' : wayOf(way)}`;
    });
  const secrets = rowsOf(facts.files[postfixPath(facts, tables.logins.file)] ?? '', 'table');
  const logins = rowsThere(facts, 'tls').flatMap(({key}) => {
    const user = /^\S+\s+([^\s:]+):/.exec(secrets.get(key) ?? '')?.[1];
    return user === undefined ? [] : [{name: `${user}@${wayOf(key)}`, password: 'keep' as const}];
  });
  return {
    exceptions: items('exceptions'),
    senders: items('senders'),
    ...(logins.length === 0 ? {} : {logins}),
  };
};

const wayOf = (relay: string) =>
  relay.replace(/^\[(?:IPv6:([^\]]+)|([^\]]+))\]/i, (_all, six, host) =>
    six === undefined ? host : `[${six}]`,
  );

/** Each other relay answers, and takes the login where one was given in this run. */
export const exceptionProbes = (all: AllAnswers): readonly Probe[] => {
  const logins = (answer<readonly AccountAnswer[]>(all, 'relay', 'logins') ?? []).flatMap(
    ({name, password}) => {
      const login = parseLogin(name);
      return login === undefined ? [] : [{...login, password}];
    },
  );
  const relays = new Map(
    [...exceptionsIn(all), ...sendersIn(all)].flatMap(({host, port}) =>
      host === undefined || port === undefined ? [] : [[target(host, port), {host, port}] as const],
    ),
  );
  return [...relays].map(([relay, {host, port}]) => {
    const login = logins.find(other => other.relay === relay);
    return {
      id: `relay:${host}:${port}`,
      section: 'relay',
      kind: 'relay-host',
      host,
      port,
      tls: login === undefined ? 'none' : 'starttls',
      ...(login === undefined || login.password === 'keep'
        ? {}
        : {user: login.user, password: login.password}),
    };
  });
};
