import {createHash} from 'node:crypto';
import {splitLines} from '../config/lines.js';
import {settingsOf} from '../config/main-cf/parse.js';
import {services} from '../config/master-cf/parse.js';
import type {Facts, PostfixFacts} from '../core/facts.js';

type Sources = {
  readonly files: Facts['files'];
  readonly postfix: PostfixFacts | undefined;
  /** Text of a file, empty where it is not there. */
  readonly text: (path: string) => string;
  /** SHA-256 of files as their packages brought them, where the package manager knows it. */
  readonly shipped?: Readonly<Record<string, string>>;
};

/**
 * Whether somebody has configured a side, as opposed to a package that was just installed. What a configured machine does is
 * adopted and left alone; what a package brought may be replaced.
 */
export const configuredSides = ({files, postfix, text, shipped}: Sources): Facts['configured'] =>
  shipped === undefined
    ? {
        dovecot: isDovecotConfigured(files, text('/var/lib/ucf/hashfile')),
        postfix: postfix !== undefined && isPostfixConfigured(postfix, text),
      }
    : {
        dovecot: isChanged(files, shipped, /^\/etc\/dovecot\/(?!.*\.rpm(?:new|save|orig)$)/),
        postfix: isChanged(files, shipped, /^\/etc\/postfix\/(?:main|master)\.cf$/),
      };

// rpm(8) remembers each file as the package brought it: any other content, and any file that no package knows, is somebody's.
const isChanged = (files: Facts['files'], shipped: Readonly<Record<string, string>>, path: RegExp) =>
  Object.entries(files).some(
    ([name, content]) => path.test(name) && isActive(content) && sha256(content) !== shipped[name],
  );

const sha256 = (latin1: string) => createHash('sha256').update(Buffer.from(latin1, 'latin1')).digest('hex');

// ucf(1) remembers the maintainer's version of each file by its MD5 sum; that is Debian's way for Dovecot.
const isDovecotConfigured = (files: Facts['files'], hashes: string) => {
  const shipped = new Map(
    hashes.split('\n').map(line => {
      const [sum = '', path = ''] = line.trim().split(/\s+/);
      return [path, sum] as const;
    }),
  );
  const known = [...shipped.keys()].some(path => path.startsWith('/etc/dovecot/'));
  return Object.entries(files).some(([path, content]) => {
    if (!path.startsWith('/etc/dovecot/') || path.endsWith('/README')) {
      return false;
    }

    const sum = shipped.get(path);
    return sum === undefined
      ? known
        ? /\.(?:conf|ext)$/.test(path) || path === '/etc/dovecot/users'
        : isActive(content) && !/\/conf\.d\//.test(path)
      : md5(content) !== sum;
  });
};

const isActive = (content: string) => splitLines(content).some(line => /^\s*[^\s#]/.test(line));

const md5 = (latin1: string) => createHash('md5').update(Buffer.from(latin1, 'latin1')).digest('hex');

// What the package's script sets in a fresh main.cf, whatever was answered to its questions.
const setOnInstall = new Set([
  'myhostname',
  'alias_maps',
  'alias_database',
  'mydestination',
  'myorigin',
  'relayhost',
  'mynetworks',
  'mailbox_size_limit',
  'recipient_delimiter',
  'inet_interfaces',
  'inet_protocols',
  'mailbox_command',
  'default_transport',
  'relay_transport',
  'smtpd_tls_cert_file',
  'smtpd_tls_key_file',
  'compatibility_level',
]);

// What the same script adds with fixed values.
const shippedValues: Readonly<Record<string, string>> = {
  smtpd_tls_security_level: 'may',
  smtp_tls_security_level: 'may',
  smtp_tls_CApath: '/etc/ssl/certs',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Postfix's own syntax.
  smtp_tls_session_cache_database: 'btree:${data_directory}/smtp_scache',
  smtpd_relay_restrictions: 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination',
};

const isPostfixConfigured = ({settings, services: entries}: PostfixFacts, text: (path: string) => string) => {
  const main = {
    ...settingsOf(text('/usr/share/postfix/main.cf.debian')),
    ...settingsOf(text('/usr/share/postfix/main.cf.tls')),
    ...shippedValues,
  };
  const master = text('/usr/share/postfix/master.cf.dist');
  const ownSettings = Object.entries(settings).some(
    ([name, value]) => !setOnInstall.has(name) && (main[name] ?? value.concat('?')) !== value,
  );
  return ownSettings || (master !== '' && entryText(services(splitLines(master))) !== entryText(entries));
};

const entryText = (entries: readonly {readonly name: string; readonly type: string}[]) =>
  entries
    .map(({name, type}) => `${name}/${type}`)
    .sort()
    .join(' ');
