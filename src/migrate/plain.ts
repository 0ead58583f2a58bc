import {unquote} from '../config/dovecot/parse.js';
import {locationIn} from './location.js';
import {isKnown} from './names.js';
import {pluginList} from './plugin-list.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, kept, lost, type Ruling} from './types.js';
import {renewVariables} from './variables.js';

/** Settings outside of special blocks: in none, or in `protocol`, `local`, `local_name` and `remote`. */
export const plain = (item: Item): Ruling => {
  const {path, key} = item;
  const value = unquote(item.value);
  const put = (name: string, written: string): Ruling => changed([{path, key: name, value: written}]);
  const special = rules[key];
  if (special !== undefined) {
    return special(value, item);
  }

  const file = files[key];
  if (file !== undefined) {
    return value === ''
      ? put(file, '')
      : value.startsWith('<')
        ? put(file, value.slice(1).trim())
        : byHand(notes.fileContent);
  }

  const gone = families.find(([pattern]) => pattern.test(key));
  if (gone !== undefined) {
    return lost(gone[1]);
  }

  if (value.startsWith('<')) {
    return byHand(notes.fileContent);
  }

  const name = renamed[key] ?? key;
  if (!isKnown(name)) {
    return byHand(notes.unknown);
  }

  if (verbatim.test(key)) {
    return name === key ? kept(item) : put(name, item.value);
  }

  const renewed = renewVariables(value);
  return renewed === undefined
    ? byHand(notes.variables)
    : renewed === value && name === key
      ? kept(item)
      : put(name, renewed === value ? item.value : quoted(renewed));
};

// A percent sign of these is strftime(3)'s, or a search's own.
const verbatim = /^(?:log_timestamp|log_debug|log_core_filter|.*password|.*nonce|mail_attachment_hash)$/;

const renamed: Readonly<Record<string, string>> = {
  ssl_key_password: 'ssl_server_key_password',
  ssl_cert_username_field: 'ssl_server_cert_username_field',
  ssl_verify_client_cert: 'ssl_server_request_client_cert',
  ssl_require_crl: 'ssl_server_require_crl',
  auth_default_realm: 'auth_default_domain',
  auth_use_winbind: 'auth_use_winbind',
  default_idle_kill: 'default_idle_kill_interval',
  mail_attachment_dir: 'mail_ext_attachment_path',
  mail_attachment_hash: 'mail_ext_attachment_hash',
  mail_attachment_min_size: 'mail_ext_attachment_min_size',
};

const files: Readonly<Record<string, string>> = {
  ssl_cert: 'ssl_server_cert_file',
  ssl_key: 'ssl_server_key_file',
  ssl_alt_cert: 'ssl_server_alt_cert_file',
  ssl_alt_key: 'ssl_server_alt_key_file',
  ssl_ca: 'ssl_server_ca_file',
  ssl_dh: 'ssl_server_dh_file',
  ssl_client_cert: 'ssl_client_cert_file',
  ssl_client_key: 'ssl_client_key_file',
};

const families = [
  [/^(?:replicat|aggregator|dsync_replica|mail_replica)/, notes.replication],
  [/^director_/, notes.director],
  [/^(?:old_)?stats_(?!writer|server)/, notes.oldStats],
] as const;

type Rule = (value: string, item: Item) => Ruling;

// 2.4 has a word for what 2.3 wrote as zero, and refuses that.
const noLimit: Rule = (value, item) =>
  value === '0' ? changed([{path: item.path, key: item.key, value: 'unlimited'}]) : kept(item);
const logLine: Rule = (value, item) => (value.includes('%') ? lost(notes.logVariables) : kept(item));
const otherSyntax: Rule = () => byHand(notes.syntax);
const to =
  (key: string, words: Readonly<Record<string, string>>): Rule =>
  (value, {path}) =>
    words[value] === undefined ? byHand(notes.understood) : changed([{path, key, value: words[value]}]);

const rules: Readonly<Record<string, Rule>> = {
  mail_location: (value, {path}) => {
    const now = locationIn(path, value);
    return now === undefined ? byHand(notes.location) : changed(now);
  },
  mail_plugins: pluginList,
  disable_plaintext_auth: to('auth_allow_cleartext', {yes: 'no', no: 'yes'}),
  ssl_prefer_server_ciphers: to('ssl_server_prefer_ciphers', {yes: 'server', no: 'client'}),
  verbose_ssl: (value, {path}) =>
    changed(value === 'yes' ? [{path, key: 'log_debug', value: 'category=ssl'}] : []),
  auth_worker_max_count: (value, {path}) =>
    path.length > 0
      ? byHand(notes.understood)
      : changed([{path: [{type: 'service', name: 'auth-worker'}], key: 'process_limit', value}]),
  ssl_protocols: (value, {path}) => {
    const oldest = oldestOf(value);
    return oldest === undefined
      ? byHand(notes.understood)
      : changed([{path, key: 'ssl_min_protocol', value: oldest}], notes.sslv3);
  },
  lmtp_user_concurrency_limit: noLimit,
  imapc_max_line_length: noLimit,
  login_log_format: logLine,
  login_log_format_elements: logLine,
  mail_log_prefix: logLine,
  deliver_log_format: logLine,
  imap_logout_format: logLine,
  pop3_logout_format: logLine,
  managesieve_logout_format: logLine,
  submission_logout_format: logLine,
  imap_urlauth_logout_format: logLine,
  rejection_reason: logLine,
  rejection_subject: logLine,
  auth_policy_request_attributes: otherSyntax,
  imap_id_send: otherSyntax,
  imap_capability: otherSyntax,
  import_environment: otherSyntax,
  pop3_uidl_format: (value, {path}) => {
    // Another UIDL makes every client fetch all mail again, so nothing is guessed (2.3: pop3_uidl_format).
    const letters: Readonly<Record<string, string>> = {
      '%08Xu%08Xv': '%{uid | hex(8)}%{uidvalidity | hex(8)}',
      '%g': '%{guid}',
      '%f': '%{filename}',
    };
    const now = letters[value];
    return now === undefined
      ? byHand(notes.variables)
      : changed([{path, key: 'pop3_uidl_format', value: now}]);
  },
};

const versions = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** `!SSLv2 !SSLv3`, or a list of the allowed ones. 2.4 has nothing older than TLSv1. */
const oldestOf = (value: string) => {
  const words = value.split(/\s+/).filter(Boolean);
  const out = words.filter(word => word.startsWith('!')).map(word => word.slice(1));
  const only = words.filter(word => !word.startsWith('!'));
  return [...out, ...only].every(word => versions.includes(word))
    ? versions
        .slice(2)
        .find(version => !out.includes(version) && (only.length === 0 || only.includes(version)))
    : undefined;
};
