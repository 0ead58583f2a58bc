import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {domainClassOf} from './people.js';
import {port} from './ports.js';
import {chrootOf, main, mapTypeOf, postfixPath} from './postfix.js';
import {domainsOf} from './read.js';
import {adminOf} from './role-mail.js';

/** A port that people send by, as an entry of master.cf, or its absence. Always both restriction lists: one alone falls back to main.cf's. */
export const entryWants = (
  name: string,
  number: 587 | 465,
  state: 'present' | 'absent',
  {
    all,
    facts,
    platform,
    mustMatch,
  }: {
    readonly all: AllAnswers;
    readonly facts: Facts;
    readonly platform: Platform;
    readonly mustMatch: boolean;
  },
): readonly Want[] => [
  state === 'present'
    ? {
        kind: 'master',
        name,
        type: 'inet',
        state,
        columns: {
          private: 'n',
          unpriv: '-',
          chroot: chrootOf(facts, platform),
          wakeup: '-',
          maxproc: '-',
          command: 'smtpd',
        },
        options: optionsOf(name, number === 465, mustMatch),
      }
    : {kind: 'master', name, type: 'inet', state},
  ...port(all, number, state),
];

// AUTH is offered here and never on port 25, so `smtpd_sasl_auth_enable` stands in these entries and not in main.cf.
const optionsOf = (name: string, wrapper: boolean, mustMatch: boolean): Readonly<Record<string, string>> => ({
  syslog_name: `postfix/${name}`,
  ...(wrapper ? {smtpd_tls_wrappermode: 'yes'} : {smtpd_tls_security_level: 'encrypt'}),
  smtpd_tls_auth_only: 'yes',
  smtpd_sasl_auth_enable: 'yes',
  smtpd_sasl_type: 'dovecot',
  smtpd_sasl_path: 'private/auth',
  smtpd_sasl_security_options: 'noanonymous',
  smtpd_client_restrictions: 'permit_sasl_authenticated,reject',
  smtpd_sender_restrictions: mustMatch ? 'reject_sender_login_mismatch' : '',
  smtpd_relay_restrictions: 'permit_sasl_authenticated,reject',
  smtpd_recipient_restrictions: '',
  milter_macro_daemon_name: 'ORIGINATING',
});

/**
 * Port 465 under the name that this machine knows: the entry that is there, else the sample of the distribution's master.cf.
 * Never both names: they are one port.
 */
export const tlsServiceOf = ({postfix, files}: Facts, {packageManager}: Platform) => {
  const active = postfix?.services.find(
    ({name, type}) => type === 'inet' && ['submissions', 'smtps', '465'].includes(name),
  );
  const text = files[`${postfix?.directory ?? '/etc/postfix'}/master.cf`] ?? '';
  const sample = /^#\s*(submissions|smtps)\s+inet\s/m.exec(text)?.[1];
  return active?.name ?? sample ?? (packageManager === 'apt' ? 'submissions' : 'smtps');
};

/** Port 587 under the name that is there. */
export const starttlsServiceOf = ({postfix}: Facts) =>
  postfix?.services.find(({name, type}) => type === 'inet' && ['submission', '587'].includes(name))?.name ??
  'submission';

/** Who may send as whom. Without these maps `reject_sender_login_mismatch` refuses everybody (553). Aliases count: who reads postmaster's mail may answer as postmaster. */
export const senderLoginWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  if (domainClassOf(all) === 'virtual') {
    const map = (list: string, name: string) => {
      const file = postfixPath(facts, name);
      return `${mapTypeOf(facts, list, file)}:${file}`;
    };
    return [
      main(
        'smtpd_sender_login_maps',
        [map('virtual_mailbox_maps', 'vmailbox'), map('virtual_alias_maps', 'virtual')].join(', '),
      ),
    ];
  }

  const file = postfixPath(facts, 'sender_login');
  return [
    main('smtpd_sender_login_maps', `regexp:${file}`),
    {
      kind: 'file',
      path: file,
      state: 'present',
      content: [{text: senderPatterns(domainsOf(all), adminOf(all))}],
      owner: 'root',
      group: 'root',
      mode: 0o644,
    },
  ];
};

/** regexp_table(5): users of the machine own their name at each domain, with and without an extension. */
const senderPatterns = (domains: readonly string[], admin: string | undefined) => {
  const hosts = domains.map(domain => domain.replaceAll('.', '\\.')).join('|');
  const [name, domain] = admin?.split('@') ?? [];
  const roles =
    name !== undefined && domain !== undefined && domains.includes(domain)
      ? [`/^(root|postmaster|abuse)@(${hosts})$/ ${name}`]
      : [];
  return [
    '# Who may send as whom: the left side is the sender, the right side the login name.',
    ...roles,
    `/^([^@+]+)(\\+[^@]*)?@(${hosts})$/ $\{1}`,
    '',
  ].join('\n');
};
