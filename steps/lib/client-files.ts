import type {AllAnswers} from '../../src/core/question.js';
import {type ClientSetting, clientSettings} from './client-settings.js';
import {domainClassOf, formatOf, hasMailOwner, systemPathOf} from './people.js';
import {answer, domainsOf, hasDovecot} from './read.js';

/**
 * What Thunderbird and others look for at http://autoconfig.DOMAIN/mail/config-v1.1.xml and, over TLS, at
 * https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml. The order is the order of preference. Undefined where nobody reads mail here.
 */
export const autoconfig = (all: AllAnswers): string | undefined => {
  const settings = byPreference(clientSettings(all)).filter(({protocol}) => protocol !== 'ManageSieve');
  const [first] = settings;
  const domains = domainsOf(all);
  if (first === undefined || domains.length === 0) {
    return undefined;
  }

  const user = domainClassOf(all) === 'virtual' ? '%EMAILADDRESS%' : '%EMAILLOCALPART%';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<clientConfig version="1.1">',
    `  <emailProvider id="${escaped(domains[0] ?? '')}">`,
    ...domains.map(domain => `    <domain>${escaped(domain)}</domain>`),
    `    <displayName>${escaped(first.server)}</displayName>`,
    `    <displayShortName>${escaped(domains[0] ?? '')}</displayShortName>`,
    ...settings.flatMap(setting => serverLines(setting, user)),
    '  </emailProvider>',
    '</clientConfig>',
    '',
  ].join('\n');
};

const serverLines = ({protocol, server, port, security}: ClientSetting, user: string) => {
  const element = protocol === 'SMTP' ? 'outgoingServer' : 'incomingServer';
  return [
    `    <${element} type="${protocol.toLowerCase()}">`,
    `      <hostname>${escaped(server)}</hostname>`,
    `      <port>${port}</port>`,
    `      <socketType>${security === 'STARTTLS' ? 'STARTTLS' : 'SSL'}</socketType>`,
    `      <username>${user}</username>`,
    // The password goes through TLS as it is: that is how it is called there.
    '      <authentication>password-cleartext</authentication>',
    `    </${element}>`,
  ];
};

const byPreference = (settings: readonly ClientSetting[]) =>
  settings.toSorted((one, other) => Number(other.preferred) - Number(one.preferred));

const escaped = (text: string) => text.replaceAll(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`);

/**
 * A muttrc(5) for the accounts of this server: what 001 writes into /etc/Muttrc where mail lies in the reader's own home, else
 * IMAP and submission with TLS. The reader puts an address and a name into its first lines. Undefined where nobody reads mail here.
 */
export const muttrc = (all: AllAnswers): string | undefined => {
  const settings = byPreference(clientSettings(all));
  const reading = settings.find(({protocol}) => protocol === 'IMAP' || protocol === 'POP3');
  const sending = settings.find(({protocol}) => protocol === 'SMTP');
  if (reading === undefined) {
    return undefined;
  }

  const isAddress = domainClassOf(all) === 'virtual';
  const domain = domainsOf(all)[0] ?? reading.server;
  const local = isLocal(all);
  const set = (name: string, value: string) => `set ${name}="${value}"`;
  return [
    '# Your own address, and the name that you log in with.',
    set('my_address', `NAME@${domain}`),
    set('my_login', isAddress ? '$my_address' : 'NAME'),
    '',
    set('from', '$my_address'),
    'set use_from=yes',
    'set ssl_force_tls=yes',
    'set ssl_starttls=yes',
    'set move=no',
    '',
    ...(local ? localLines(all) : reading.protocol === 'IMAP' ? imapLines(reading) : popLines(reading)),
    ...(local || reading.protocol === 'IMAP' ? folderLines(all, local) : []),
    ...(sending === undefined
      ? []
      : [
          '',
          '# Sending, with the same name and password.',
          set('smtp_url', `${schemeOf('smtp', sending)}://$my_login@${sending.server}:${sending.port}/`),
        ]),
    '',
  ].join('\n');
};

// Mail of the machine's users in a format that mutt reads itself.
const isLocal = (all: AllAnswers) =>
  hasDovecot(all) && !hasMailOwner(all) && ['maildir', 'mbox'].includes(formatOf(all));

const localLines = (all: AllAnswers) =>
  formatOf(all) === 'maildir'
    ? ['set mbox_type=Maildir', `set folder="${systemPathOf(all)}"`, `set spoolfile="${systemPathOf(all)}"`]
    : ['set mbox_type=mbox', `set folder="${systemPathOf(all)}"`, '# The inbox is where $MAIL says.'];

const imapLines = (setting: ClientSetting) => [
  'set imap_user="$my_login"',
  `set folder="${schemeOf('imap', setting)}://${setting.server}:${setting.port}/"`,
  'set spoolfile="+INBOX"',
  'set imap_check_subscribed=yes',
];

const popLines = (setting: ClientSetting) => [
  'set pop_user="$my_login"',
  `set pop_host="${schemeOf('pop', setting)}://${setting.server}:${setting.port}/"`,
];

// A folder that the server has under another name, or not, is made by mutt when it is first used. Maildir++ puts a dot before it.
const folderLines = (all: AllAnswers, local: boolean) => {
  const dot = local && formatOf(all) === 'maildir' ? '.' : '';
  const there = new Set(
    answer<readonly string[]>(all, 'mailboxes', 'folders') ?? ['Drafts', 'Trash', 'Sent'],
  );
  return (
    [
      ['record', 'Sent'],
      ['postponed', 'Drafts'],
      ['trash', 'Trash'],
    ] as const
  )
    .filter(([, folder]) => there.has(folder))
    .map(([name, folder]) => `set ${name}="+${dot}${folder}"`);
};

const schemeOf = (protocol: string, {security}: ClientSetting) =>
  security === 'SSL/TLS' ? `${protocol}s` : protocol;
