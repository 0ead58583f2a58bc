import type {DovecotDialect, DovecotEdit} from '../../core/edit.js';
import type {DovecotSettings, MailStore} from '../../core/setting.js';
import {backendOrder} from './blocks.js';
import {renderPattern} from './pattern.js';

type Render<V> = (value: V, dialect: DovecotDialect) => readonly DovecotEdit[];

const set = (home: string, key: string, value: string, block?: string): DovecotEdit => ({
  op: 'set',
  at: block === undefined ? [] : [{type: 'protocol', name: block}],
  key,
  value,
  home,
});

const one =
  <V>(
    home: string,
    old: string,
    now: string,
    write: (value: V, dialect: DovecotDialect) => string = String,
  ): Render<V> =>
  (value, dialect) => [set(home, dialect === '2.3' ? old : now, write(value, dialect))];

/** How each dialect writes a way to look up names. */
export const usernames: Readonly<
  Record<DovecotDialect, Readonly<Record<DovecotSettings['auth.username'], string>>>
> = {
  '2.3': {lower: '%Lu', 'lower-local-part': '%Ln'},
  '2.4': {lower: '%{user | lower}', 'lower-local-part': '%{user | username | lower}'},
};

// 2.3 reads the content of a file only behind `<`; 2.4 takes the path itself, and prints the key to its log with a `<`.
const path = (value: string, dialect: DovecotDialect) => (dialect === '2.3' ? `<${value}` : value);

/**
 * Where 2.4 keeps the inbox, in a Maildir that is none of its own making: 2.3 and every other program have it in the folder itself,
 * 2.4 in `.INBOX` below it unless it is told (seen with 2.4.1, where the setting is empty and where it is missing).
 */
export const inboxPath = (format: MailStore['format'], path: string) => (format === 'maildir' ? path : '');

/**
 * A store as doveadm-import(1) is given it, words of a shell's line. 2.4 takes no more than driver and path in one word; where the inbox
 * is would else be what the new store says of its own.
 */
export const importSource = ({format, path, inbox}: MailStore, dialect: DovecotDialect): string => {
  const where = renderPattern(path, dialect);
  const spool = inbox === undefined ? undefined : renderPattern(inbox, dialect);
  return dialect === '2.3'
    ? `${format}:${where}${spool === undefined ? '' : `:INBOX=${spool}`}`
    : `-p 'mail_inbox_path=${spool ?? inboxPath(format, where)}' ${format}:${where}`;
};

/** How each neutral setting is written in both dialects (2.3: doc/example-config; 2.4: the settings reference). */
export const settings: {readonly [K in keyof DovecotSettings]: Render<DovecotSettings[K]>} = {
  listen: one('dovecot.conf', 'listen', 'listen', value => value.join(', ')),
  'mail.store': ({format, path: store, inbox}, dialect) => {
    const where = renderPattern(store, dialect);
    const spool = inbox === undefined ? undefined : renderPattern(inbox, dialect);
    return dialect === '2.3'
      ? [
          set(
            '10-mail.conf',
            'mail_location',
            `${format}:${where}${spool === undefined ? '' : `:INBOX=${spool}`}`,
          ),
        ]
      : [
          set('10-mail.conf', 'mail_driver', format),
          set('10-mail.conf', 'mail_path', where),
          set('10-mail.conf', 'mail_inbox_path', spool ?? inboxPath(format, where)),
        ];
  },
  'mail.home': one('10-mail.conf', 'mail_home', 'mail_home', renderPattern),
  'mail.uid': one('10-mail.conf', 'mail_uid', 'mail_uid'),
  'mail.gid': one('10-mail.conf', 'mail_gid', 'mail_gid'),
  'mail.first_valid_uid': one('10-mail.conf', 'first_valid_uid', 'first_valid_uid'),
  'mail.last_valid_uid': one('10-mail.conf', 'last_valid_uid', 'last_valid_uid'),
  'mail.privileged_group': one('10-mail.conf', 'mail_privileged_group', 'mail_privileged_group'),
  'tls.mode': one('10-ssl.conf', 'ssl', 'ssl'),
  'tls.certificate': one('10-ssl.conf', 'ssl_cert', 'ssl_server_cert_file', path),
  'tls.key': one('10-ssl.conf', 'ssl_key', 'ssl_server_key_file', path),
  'tls.min_protocol': one('10-ssl.conf', 'ssl_min_protocol', 'ssl_min_protocol'),
  'tls.dh': one('10-ssl.conf', 'ssl_dh', 'ssl_server_dh_file', path),
  'auth.cleartext': (value, dialect) => [
    dialect === '2.3'
      ? set('10-auth.conf', 'disable_plaintext_auth', value ? 'no' : 'yes')
      : set('10-auth.conf', 'auth_allow_cleartext', value ? 'yes' : 'no'),
  ],
  'auth.username': (value, dialect) => [
    set('10-auth.conf', 'auth_username_format', usernames[dialect][value]),
  ],
  'auth.order': backendOrder,
  'auth.realm': one('10-auth.conf', 'auth_default_realm', 'auth_default_domain'),
  'lmtp.username': (value, dialect) => [
    set(
      '20-lmtp.conf',
      'auth_username_format',
      typeof value === 'string' ? usernames[dialect][value] : localAt(value.localAt, dialect),
      'lmtp',
    ),
  ],
  'lmtp.postmaster': value => [set('20-lmtp.conf', 'postmaster_address', value, 'lmtp')],
};

/**
 * Users of one host by the part before the @, all others as given (2.3: Config Variables, Conditionals). 2.4 takes no filter as an
 * argument of `if` (doveconf 2.4.1 ends in a panic), but keeps what a pattern matched.
 */
export const localAt = (host: string, dialect: DovecotDialect) =>
  dialect === '2.3'
    ? `%{if;%Ld;eq;${host};%Ln;%Lu}`
    : `%{user | lower | regexp('^(.*)@${host.replaceAll('.', String.raw`\\.`)}$', '\\\\1')}`;
