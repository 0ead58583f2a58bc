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

/** All mail through one relay, with a login where there is one. */
export const smarthostWants = (
  relayhost: string,
  user: string,
  password: SecretRef | undefined,
  facts: Facts,
): readonly Want[] => {
  if (user === '' || password === undefined) {
    return [main('relayhost', relayhost), ...mainUnset(facts, 'smtp_sasl_auth_enable')];
  }

  const file = postfixPath(facts, 'sasl_passwd');
  return [
    main('relayhost', relayhost),
    main('smtp_sasl_auth_enable', 'yes'),
    mapItem(facts, 'smtp_sasl_password_maps', file),
    // Plain passwords are fine under TLS, and most relays offer nothing else.
    main('smtp_sasl_security_options', 'noanonymous'),
    main('smtp_sasl_tls_security_options', 'noanonymous'),
    ...(password === 'keep'
      ? []
      : [
          {
            kind: 'rows' as const,
            file,
            format: 'table' as const,
            secret: true,
            compile: mapTypeOf(facts, 'smtp_sasl_password_maps', file),
            ownership: {owner: 'root', group: 'root', mode: 0o600},
            rows: [
              {
                key: relayhost,
                state: 'present' as const,
                content: [{text: `${relayhost} ${user}:`}, {secret: password}],
              },
            ],
          },
        ]),
  ];
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
