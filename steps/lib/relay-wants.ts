import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {SecretRef} from '../../src/core/secret.js';
import type {Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {parseAddress} from './networks.js';
import {main, mainUnset, mapItem, mapTypeOf, postfixPath, settingOf} from './postfix.js';
import {nameProblem} from './validate.js';

/** `[host]:port`; the brackets keep Postfix from looking for the MX of the name instead. */
export const target = (host: unknown, port: unknown) => {
  const name = String(host ?? '').trim();
  return `[${name.includes(':') ? `IPv6:${name}` : name}]:${Number(port ?? 587)}`;
};

/** All mail through one relay. A name that only hosts(5) has does not exist for Postfix by itself: mail would bounce (seen). */
export const smarthostWants = (relayhost: string): readonly Want[] => [
  main('relayhost', relayhost),
  ...(parseAddress(relayhost.replace(/^\[(?:IPv6:)?|\]:\d+$/g, '')) === undefined
    ? [main('smtp_host_lookup', 'dns, native')]
    : []),
];

/** The login at the one relay. */
export const loginWants = (
  relayhost: string,
  user: string,
  password: SecretRef | undefined,
  facts: Facts,
): readonly Want[] =>
  user === '' || password === undefined
    ? []
    : [
        mapItem(facts, 'smtp_sasl_password_maps', postfixPath(facts, 'sasl_passwd')),
        ...(password === 'keep' ? [] : [secretRow(facts, relayhost, user, password)]),
      ];

/** Whether Postfix logs in anywhere at all. */
export const authWants = (logsIn: boolean, facts: Facts): readonly Want[] =>
  logsIn
    ? [
        main('smtp_sasl_auth_enable', 'yes'),
        // Plain passwords are fine under TLS, and most relays offer nothing else.
        main('smtp_sasl_security_options', 'noanonymous'),
        main('smtp_sasl_tls_security_options', 'noanonymous'),
      ]
    : mainUnset(facts, 'smtp_sasl_auth_enable');

/** Name and password for a relay, in a table that only root can read. */
export const secretRow = (facts: Facts, relay: string, user: string, password: SecretRef): Want => {
  const file = postfixPath(facts, 'sasl_passwd');
  return {
    kind: 'rows',
    file,
    format: 'table',
    secret: true,
    compile: mapTypeOf(facts, 'smtp_sasl_password_maps', file),
    ownership: {owner: 'root', group: 'root', mode: 0o600},
    rows: [{key: relay, state: 'present', content: [{text: `${relay} ${user}:`}, {secret: password}]}],
  };
};

const tableOf = (facts: Facts) => rowsOf(facts.files[postfixPath(facts, 'sasl_passwd')] ?? '', 'table');

/** Whether the machine has a password for this relay. */
export const hasRow = (facts: Facts, key: string) => tableOf(facts).has(key.toLowerCase());

/** The user that Postfix logs in to this relay with. */
export const userThere = (facts: Facts, key: string) =>
  settingOf(facts, 'smtp_sasl_auth_enable') === 'yes'
    ? /^\S+\s+([^\s:]+):/.exec(tableOf(facts).get(key.toLowerCase()) ?? '')?.[1]
    : undefined;

/** Why a host cannot be the relay. */
export const hostProblem = (host: string, hostname: string): Text | undefined => {
  if (parseAddress(host) === undefined && nameProblem(host) !== undefined) {
    return nameProblem(host);
  }

  return host === hostname || /^127\.|^::1$/.test(host) ? texts.itself : undefined;
};

const texts = {
  itself: {
    en: 'That is this machine: mail would run in a circle.',
    ja: 'それはこのマシンです。メールが循環します。',
  },
} satisfies Record<string, Text>;
