import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {senderLogin} from '../../templates/sender-login.js';
import {domainClassOf, hasPam, mailUsersOf, systemAccountsOf} from './people.js';
import {isReachable, port} from './ports.js';
import {chrootOf, main, mapTypeOf, postfixPath} from './postfix.js';
import {answer, domainsOf, hostnameOf, loginOf, submissionPortsOf} from './read.js';
import {aliasesOf, targetsOf} from './aliases.js';
import {cyrusThere} from './cyrus.js';
import {recipientTables} from './recipients.js';
import {asksRemote} from './remote-dovecot.js';
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
    path,
    cyrus,
  }: {
    readonly all: AllAnswers;
    readonly facts: Facts;
    readonly platform: Platform;
    readonly mustMatch: boolean;
    /** Where Dovecot is asked for passwords; or the name under which Cyrus SASL is configured. */
    readonly path: string;
    readonly cyrus: boolean;
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
        options: optionsOf(name, number === 465, mustMatch, path, cyrus),
      }
    : {kind: 'master', name, type: 'inet', state},
  ...port(all, number, isReachable(all) ? state : 'absent'),
];

// AUTH is offered here and never on port 25, so `smtpd_sasl_auth_enable` stands in these entries and not in main.cf.
const optionsOf = (
  name: string,
  wrapper: boolean,
  mustMatch: boolean,
  path: string,
  cyrus: boolean,
): Readonly<Record<string, string>> => ({
  syslog_name: `postfix/${name}`,
  ...(wrapper ? {smtpd_tls_wrappermode: 'yes'} : {smtpd_tls_security_level: 'encrypt'}),
  smtpd_tls_auth_only: 'yes',
  smtpd_sasl_auth_enable: 'yes',
  smtpd_sasl_type: cyrus ? 'cyrus' : 'dovecot',
  smtpd_sasl_path: path,
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
export const tlsServiceOf = ({postfix, files}: Facts, platform: Platform) => {
  const active = postfix?.services.find(
    ({name, type}) => type === 'inet' && ['submissions', 'smtps', '465'].includes(name),
  );
  const text = files[`${postfix?.directory ?? '/etc/postfix'}/master.cf`] ?? '';
  const sample = /^#\s*(submissions|smtps)\s+inet\s/m.exec(text)?.[1];
  return active?.name ?? sample ?? platform.postfix.tlsService;
};

/** Port 587 under the name that is there. */
export const starttlsServiceOf = ({postfix}: Facts) =>
  postfix?.services.find(({name, type}) => type === 'inet' && ['submission', '587'].includes(name))?.name ??
  'submission';

/** Dovecot of another host, as Postfix names it (SASL_README). */
export const loginPath = (host: string, port: number) =>
  `inet:${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Which names the Dovecot of another host answers with for who has logged in. */
type LoginNames = 'address' | 'name' | 'either';

const loginNamesOf = (all: AllAnswers) => answer<LoginNames>(all, 'submission', 'login_names') ?? 'address';

// By the pattern for everybody, which stands last in the file.
const loginNamesThere = (facts: Facts): {readonly login_names?: LoginNames} => {
  const last = facts.files[postfixPath(facts, 'sender_login')]?.trimEnd().split('\n').at(-1) ?? '';
  const owner = /^\/\S+\/ (\S.*)$/.exec(last)?.[1];
  const found = (Object.keys(ownersOf) as LoginNames[]).find(names => partsOf(names) === owner);
  return found === undefined ? {} : {login_names: found};
};

/** Who checks passwords on a machine without Dovecot. */
export const loginThere = (facts: Facts) => {
  const {postfix, dovecot} = facts;
  const entries = (postfix?.services ?? []).filter(
    ({options}) => options['smtpd_sasl_auth_enable'] === 'yes',
  );
  const [, bracketed, plain, port] =
    /^inet:(?:\[([^\]]+)\]|([^:\s]+)):(\d+)$/.exec(entries[0]?.options['smtpd_sasl_path'] ?? '') ?? [];
  const host = bracketed ?? plain;
  return dovecot !== undefined
    ? {}
    : host !== undefined
      ? {
          login: 'tcp' as const,
          login_host: host,
          login_port: Number(port),
          login_in_clear: true,
          ...loginNamesThere(facts),
        }
      : entries.length === 0
        ? {login: 'none' as const}
        : cyrusThere(facts, entries[0]?.options ?? {})
          ? {login: 'cyrus' as const}
          : {custom: ['login']};
};

/** Whether who may send as whom is a list of tables, to which another section may add one of its own. */
export const hasSenderTables = (all: AllAnswers) =>
  !asksRemote(all) &&
  loginOf(all) !== 'cyrus' &&
  !(loginOf(all) === 'tcp' && loginNamesOf(all) !== 'address') &&
  domainClassOf(all) === 'virtual' &&
  answer<boolean>(all, 'submission', 'sender_must_match') !== false &&
  submissionPortsOf(all).length > 0;

/** Who may send as whom. Without these maps `reject_sender_login_mismatch` refuses everybody (553). Aliases count: who reads postmaster's mail may answer as postmaster. */
export const senderLoginWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  if (loginOf(all) === 'cyrus') {
    // Users of the machine log in by the bare name, which no table of addresses has.
    const typed = aliasesOf(answer<readonly string[]>(all, 'domains', 'aliases') ?? []);
    return [
      main('smtpd_sender_login_maps', `regexp:${postfixPath(facts, 'sender_login')}`),
      patternFile(facts, [
        ...roleOwner(domainsOf(all), adminOf(all)),
        ...aliasOwners(targetsOf(typed), domainsOf(all)),
        everyName([...new Set([...domainsOf(all), hostnameOf(all)])]),
      ]),
    ];
  }

  const names = loginNamesOf(all);
  if (loginOf(all) === 'tcp' && names !== 'address') {
    // Tables of accounts and aliases name addresses, which nobody logs in by, or not always.
    const typed = aliasesOf(answer<readonly string[]>(all, 'domains', 'aliases') ?? []);
    return [
      main('smtpd_sender_login_maps', `regexp:${postfixPath(facts, 'sender_login')}`),
      patternFile(facts, [
        ...roleOwner(domainsOf(all), adminOf(all), names),
        ...aliasOwners(targetsOf(typed), domainsOf(all), names),
        everyOwner(domainsOf(all), names),
      ]),
    ];
  }

  if (asksRemote(all)) {
    // There is no table of accounts here: who has one logs in by its address, and owns it. Aliases come first.
    const file = postfixPath(facts, 'virtual');
    return [
      main(
        'smtpd_sender_login_maps',
        `${mapTypeOf(facts, 'virtual_alias_maps', file)}:${file}, regexp:${postfixPath(facts, 'sender_login')}`,
      ),
      patternFile(facts, [everyOwner(domainsOf(all), 'address')]),
    ];
  }

  if (domainClassOf(all) === 'virtual') {
    const aliases = postfixPath(facts, 'virtual');
    const tables = [
      ...recipientTables(all, facts),
      `${mapTypeOf(facts, 'virtual_alias_maps', aliases)}:${aliases}`,
    ];
    const patterns = `regexp:${postfixPath(facts, 'sender_login')}`;
    return hasPam(all)
      ? [
          // The table of aliases names addresses; a user of the machine logs in by the bare name.
          main('smtpd_sender_login_maps', [patterns, ...tables].join(', ')),
          patternFile(facts, [
            ...ownNames(
              systemAccountsOf(all).map(({name}) => name),
              domainsOf(all),
              mailUsersOf(all, facts),
            ),
            everyName([hostnameOf(all)]),
          ]),
        ]
      : [main('smtpd_sender_login_maps', tables.join(', '))];
  }

  return [
    main('smtpd_sender_login_maps', `regexp:${postfixPath(facts, 'sender_login')}`),
    patternFile(facts, [
      ...roleOwner(domainsOf(all), adminOf(all)),
      everyName([...new Set([...domainsOf(all), hostnameOf(all)])]),
    ]),
  ];
};

const patternFile = (facts: Facts, patterns: readonly string[]): Want => ({
  kind: 'file',
  path: postfixPath(facts, 'sender_login'),
  state: 'present',
  content: [{text: senderLogin(patterns)}],
  owner: 'root',
  group: 'root',
  mode: 0o644,
});

/** Whose a name at a domain is, by the names that people log in by. */
const ownersOf: Readonly<Record<LoginNames, (name: string, domain: string) => string>> = {
  name: name => name,
  address: (name, domain) => `${name}@${domain}`,
  either: (name, domain) => `${name}, ${name}@${domain}`,
};

/** The same as regexp_table(5) has it, for the parts of a pattern. */
const partsOf = (names: LoginNames) => ownersOf[names](`$\{1}`, `$\{3}`);

// With and without an extension.
const everyOwner = (hosts: readonly string[], names: LoginNames) =>
  `/^([^@+]+)(\\+[^@]*)?@(${alternatives(hosts)})$/ ${partsOf(names)}`;

/** Users of the machine own their name at each host. */
const everyName = (hosts: readonly string[]) => everyOwner(hosts, 'name');

// Each of these names at each domain, unless the address belongs to somebody in the list.
const ownNames = (names: readonly string[], domains: readonly string[], taken: readonly string[]) =>
  names.flatMap(name => {
    const free = domains.filter(domain => !taken.includes(`${name}@${domain}`));
    return free.length === 0 ? [] : [`/^${name}(\\+[^@]*)?@(${alternatives(free)})$/ ${name}`];
  });

const roleOwner = (domains: readonly string[], admin: string | undefined, names: LoginNames = 'name') => {
  const [name, domain] = admin?.split('@') ?? [];
  return name !== undefined && domain !== undefined && domains.includes(domain)
    ? [`/^(root|postmaster|abuse)@(${alternatives(domains)})$/ ${ownersOf[names](name, domain)}`]
    : [];
};

// Who reads the mail of an alias may answer in its name.
const aliasOwners = (
  aliases: ReadonlyMap<string, readonly string[]>,
  domains: readonly string[],
  names: LoginNames = 'name',
) =>
  [...aliases].flatMap(([from, targets]) => {
    const logins = targets
      .map(target => target.split('@'))
      .flatMap(([name = '', domain = '']) =>
        domains.includes(domain) ? [ownersOf[names](name, domain)] : [],
      );
    const pattern = from.replaceAll(/[.+]/g, '\\$&');
    return logins.length === 0 ? [] : [`/^${pattern}$/ ${logins.join(', ')}`];
  });

const alternatives = (hosts: readonly string[]) => hosts.map(host => host.replaceAll('.', '\\.')).join('|');
