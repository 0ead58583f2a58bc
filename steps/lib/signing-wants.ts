import {dkimKeysIn, dkimRecordName, dkimSignersIn} from '../../src/config/dkim-tables.js';
import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Material} from '../../src/core/material.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Row, Want} from '../../src/core/want.js';
import {milterGone, milterThere, milterWants, type WhenDown} from './milters.js';
import {parseNetwork} from './networks.js';
import {queueDirectoryOf, tableRow} from './postfix.js';
import {answer, domainsOf} from './read.js';

// Not the package's /etc/dkimkeys: that directory is the daemon's own, so that whoever takes the daemon over could swap files under root.
const folder = '/etc/opendkim';

/** Files that OpenDKIM reads; `config` is the package's own. */
export const signingFiles = {
  config: '/etc/opendkim.conf',
  keys: `${folder}/dovetail.keys`,
  signers: `${folder}/dovetail.signers`,
  hosts: `${folder}/dovetail.hosts`,
} as const;

export const signingUnit = 'opendkim.service';

/** The private key of a selector; all domains share it. */
export const signingKeyFile = (selector: string) => `${folder}/${selector}.private`;

/** Domains that mail is sent from. */
export const signingDomains = (all: AllAnswers): readonly string[] => [
  ...new Set([...domainsOf(all), ...(answer<readonly string[]>(all, 'domains', 'also') ?? [])]),
];

/** Whether outgoing mail is signed here. */
export const isSigning = (all: AllAnswers) => answer<boolean>(all, 'signing', 'sign') === true;

/** Selector that was asked for. */
export const selectorOf = (all: AllAnswers) => answer<string>(all, 'signing', 'selector') ?? 'mail';

/** What signs a domain's mail now; undefined where nothing does. */
export const signerThere = ({files}: Facts, domain: string): string | undefined => {
  const name = dkimSignersIn(files[signingFiles.signers] ?? '').get(domain);
  return dkimKeysIn(files[signingFiles.keys] ?? '').find(key => key.name === name)?.selector;
};

/** Selectors that sign now, of all domains. */
export const signersThere = (facts: Facts): readonly string[] => [
  ...new Set(
    [...dkimSignersIn(facts.files[signingFiles.signers] ?? '').keys()].flatMap(
      domain => signerThere(facts, domain) ?? [],
    ),
  ),
];

/** Selectors whose key is there for a domain and does not sign yet. */
export const waitingThere = (facts: Facts, domain: string): readonly string[] =>
  dkimKeysIn(facts.files[signingFiles.keys] ?? '')
    .filter(key => key.domain === domain && key.selector !== signerThere(facts, domain))
    .map(({selector}) => selector);

/**
 * Selector that signs a domain's mail from now on. A new one takes over only when its record was seen in DNS: until then nobody
 * could verify what it signs.
 */
export const signerOf = (all: AllAnswers, facts: Facts, domain: string): string => {
  const wanted = selectorOf(all);
  const there = signerThere(facts, domain);
  return there === undefined || facts.signing?.published[dkimRecordName(wanted, domain)] === true
    ? wanted
    : there;
};

/** Whether OpenDKIM was set up here by somebody else: that is left alone. */
export const isOthersOpenDkim = ({files}: Facts) => {
  const rows = rowsOf(files[signingFiles.config] ?? '', 'table');
  const tables = ['keytable', 'signingtable', 'keyfile', 'domain'].flatMap(key => rows.get(key) ?? []);
  return tables.some(row => !row.includes(signingFiles.keys) && !row.includes(signingFiles.signers));
};

/** Key, tables, OpenDKIM's own settings, its place in Postfix, and that it runs. */
export const signingWants = (
  all: AllAnswers,
  facts: Facts,
  materials: Readonly<Record<string, Material>>,
): readonly Want[] => {
  const selector = selectorOf(all);
  const domains = signingDomains(all);
  const whenDown = answer<WhenDown>(all, 'signing', 'when_down') ?? 'accept';
  const socket = `${queueDirectoryOf(facts)}/opendkim/opendkim.sock`;
  const own = {owner: 'root', group: 'root', mode: 0o644} as const;
  return [
    {kind: 'directory', path: folder, ...own, mode: 0o755, state: 'present'},
    // In Postfix's chroot; sockets in it get its group, so that Postfix may talk to them and other users may not.
    {
      kind: 'directory',
      path: socket.slice(0, socket.lastIndexOf('/')),
      owner: 'opendkim',
      group: 'postfix',
      mode: 0o2750,
      state: 'present',
    },
    ...(materials['dkim.key']?.reused === true
      ? []
      : [
          {
            kind: 'file',
            path: signingKeyFile(selector),
            state: 'present',
            content: [{material: 'dkim.key'}],
            secret: true,
            // OpenDKIM opens keys when it has given up root, and refuses those that others can read.
            owner: 'opendkim',
            group: 'opendkim',
            mode: 0o600,
          } as const,
        ]),
    {kind: 'file', path: signingFiles.hosts, state: 'present', content: [{text: hostsText(all)}], ...own},
    {
      kind: 'rows',
      file: signingFiles.keys,
      format: 'table',
      rows: domains.flatMap(domain => [
        tableRow(dkimRecordName(selector, domain), `${domain}:${selector}:${signingKeyFile(selector)}`),
        ...retired(all, facts, domain),
      ]),
      ownership: own,
    },
    {
      kind: 'rows',
      file: signingFiles.signers,
      format: 'table',
      rows: domains.map(domain => tableRow(domain, dkimRecordName(signerOf(all, facts, domain), domain))),
      ownership: own,
    },
    {
      kind: 'rows',
      file: signingFiles.config,
      format: 'table',
      rows: [
        tableRow('KeyTable', signingFiles.keys),
        tableRow('SigningTable', signingFiles.signers),
        tableRow('InternalHosts', signingFiles.hosts),
        tableRow('Socket', `local:${socket}`),
      ],
      ownership: own,
    },
    ...milterWants(facts, 'opendkim', whenDown),
    {kind: 'service', unit: signingUnit, state: 'present'},
  ];
};

// What no longer signs; its key and its record stay for mail that is on its way.
const retired = (all: AllAnswers, facts: Facts, domain: string): readonly Row[] => {
  const wanted = selectorOf(all);
  const old = signerThere(facts, domain);
  return old === undefined || old === wanted || signerOf(all, facts, domain) !== wanted
    ? []
    : [{key: dkimRecordName(old, domain), state: 'absent'}];
};

/** OpenDKIM leaves Postfix and stops; keys and records stay, since mail that is on its way is still verified by them. */
export const unsigningWants = (facts: Facts): readonly Want[] =>
  milterThere(facts, 'opendkim') === undefined
    ? []
    : [...milterGone(facts, 'opendkim'), {kind: 'service', unit: signingUnit, state: 'absent'}];

// Hosts whose mail is signed rather than verified: those that may send without a password, as Postfix has them.
const hostsText = (all: AllAnswers) => {
  const networks = (answer<readonly string[]>(all, 'smtp', 'networks') ?? []).flatMap(text => {
    const network = parseNetwork(text);
    return network === undefined ? [] : [`${network.address}/${network.prefix}`];
  });
  return `# Mail from here is signed; mail from elsewhere is verified, unless its sender has logged in.\n${['127.0.0.1', '::1', ...networks].join('\n')}\n`;
};
