import {clamavFiles, clamavUnits} from '../core/clamav-files.js';
import {settingsAt} from '../config/dovecot/edit.js';
import {linesOfText} from '../config/dovecot/lines-of.js';
import {settingsOf} from '../config/main-cf/parse.js';
import type {Change, Digest} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import type {Activation} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {Text} from '../core/text.js';

/** Text of a file before or after a change, kept under its digest. */
type Kept = (digest: Digest) => string;

/**
 * What must be reloaded or restarted once the changes are in. Units that the plan itself starts read everything anyway.
 * `kept`: the texts that the changes name by digest; `installed`: names of the packages that come with the plan.
 */
export const activationsOf = (
  changes: readonly Change[],
  kept: Kept,
  facts: Facts,
  platform: Platform,
  installed: readonly string[] = [],
): readonly Activation[] => {
  const starting = new Set(changes.flatMap(change => (change.kind === 'service.state' ? [change.unit] : [])));
  const wanted: readonly (Activation | undefined)[] = [
    dovecotActivation(changes, kept, platform, installed),
    postfixActivation(changes, kept, platform),
    openDkimActivation(changes),
    fail2banActivation(changes),
    clamavActivation(changes),
  ];
  return wanted.filter(
    activation =>
      activation !== undefined &&
      !starting.has(activation.unit) &&
      facts.units[activation.unit]?.active === true,
  ) as readonly Activation[];
};

// Which protocols and settings there are, Dovecot's master process learns from its modules once, when it starts: with a reload
// `protocols = … sieve` is an unknown protocol to it, and it goes on with the old configuration (seen with 2.3.19).
const dovecotActivation = (
  changes: readonly Change[],
  kept: Kept,
  {units}: Platform,
  installed: readonly string[],
): Activation | undefined =>
  installed.some(name => name.startsWith('dovecot'))
    ? {unit: units.dovecot, act: 'restart', because: texts.modules}
    : changes.some(touchesDovecot)
      ? changes.some(change => movesDovecot(change, kept))
        ? {unit: units.dovecot, act: 'restart', because: texts.listen}
        : {unit: units.dovecot, act: 'reload'}
      : undefined;

const postfixActivation = (
  changes: readonly Change[],
  kept: Kept,
  platform: Platform,
): Activation | undefined =>
  !changes.some(touchesPostfix)
    ? undefined
    : changes.some(change => movesPostfix(change, kept))
      ? {unit: platform.units.postfix, act: 'restart', because: texts.interfaces}
      : {unit: platform.units.postfix, act: 'reload'};

// By what the file says before and after: that a section asks for what is there already cuts nobody's connection.
const movesPostfix = (change: Change, kept: Kept) => {
  if (change.kind !== 'config.edit' || change.family !== 'main.cf') {
    return false;
  }

  const before = change.before === null ? {} : settingsOf(kept(change.before));
  const after = settingsOf(kept(change.after));
  return restartOnly.some(name => before[name] !== after[name]);
};

// A process that waits for logins holds the old socket of all addresses for a while after a reload: one of them alone could not be
// bound beside it (bind(2), EADDRINUSE), and the master would go on without.
const movesDovecot = (change: Change, kept: Kept) =>
  change.kind === 'config.edit' &&
  change.family === 'dovecot' &&
  listenIn(change.before === null ? '' : kept(change.before)) !== listenIn(kept(change.after));

// The last one holds. The `listen` of one listener in 2.4 is another setting.
const listenIn = (text: string) =>
  settingsAt(linesOfText(text), [], 'listen')
    .flatMap(({line}) => (line.kind === 'setting' ? [line.value] : []))
    .at(-1);

// It reads its tables when it starts; a reload (SIGUSR1) would not move its socket.
const openDkimActivation = (changes: readonly Change[]): Activation | undefined =>
  changes.some(
    change =>
      'path' in change &&
      /^\/etc\/opendkim(?:\.conf$|\/)/.test(change.path) &&
      change.kind !== 'directory.create',
  )
    ? {unit: 'opendkim.service', act: 'restart', because: texts.tables}
    : undefined;

// It knows no reload.
const clamavActivation = (changes: readonly Change[]): Activation | undefined =>
  changes.some(
    change => 'path' in change && [clamavFiles.milter, clamavFiles.unit].some(path => path === change.path),
  )
    ? {unit: clamavUnits.milter, act: 'restart', because: texts.milter}
    : undefined;

const fail2banActivation = (changes: readonly Change[]): Activation | undefined =>
  changes.some(change => 'path' in change && change.path.startsWith('/etc/fail2ban/'))
    ? {unit: 'fail2ban.service', act: 'reload'}
    : undefined;

// postconf(5): "stop and start Postfix when this parameter changes".
const restartOnly = ['inet_interfaces', 'inet_protocols'];

const touchesDovecot = (change: Change) =>
  change.kind === 'certificate.issue' ||
  (change.kind === 'config.edit' && change.family === 'dovecot') ||
  (change.kind === 'file.write' && isTlsOrDovecot(change.path)) ||
  (change.kind === 'file.delete' && change.path.startsWith('/etc/dovecot/')) ||
  // What is asked of a directory or a database stands beside the configuration; lists of accounts are read anew by themselves.
  (change.kind === 'rows.edit' &&
    (change.format === 'settings' || change.format === 'ext') &&
    change.path.startsWith('/etc/dovecot/'));

const touchesPostfix = (change: Change) =>
  change.kind === 'certificate.issue' ||
  (change.kind === 'config.edit' && (change.family === 'main.cf' || change.family === 'master.cf')) ||
  change.kind === 'map.compile' ||
  // Tables that are read as they are (regexp_table(5)), once by each process: who has them open goes on with the old text.
  ((change.kind === 'file.write' || change.kind === 'file.delete' || change.kind === 'rows.edit') &&
    change.path.startsWith('/etc/postfix/')) ||
  (change.kind === 'rows.edit' && change.format === 'settings' && change.path.startsWith('/etc/postfix/')) ||
  (change.kind === 'file.write' && !change.path.startsWith('/etc/dovecot/') && isTlsOrDovecot(change.path));

const isTlsOrDovecot = (path: string) => path.startsWith('/etc/dovecot/') || /\.(?:pem|crt|key)$/.test(path);

const texts = {
  modules: {
    en: 'Dovecot learns of new modules only when it starts.',
    ja: 'Dovecot は新しいモジュールを起動時にのみ読み込みます。',
  },
  listen: {
    en: 'Dovecot moves to other addresses only when it starts.',
    ja: 'Dovecot が待ち受けアドレスを変えるのは起動時だけです。',
  },
  tables: {
    en: 'OpenDKIM reads its tables and its socket’s place only when it starts.',
    ja: 'OpenDKIM は表とソケットの場所を起動時にのみ読み込みます。',
  },
  milter: {
    en: 'ClamAV’s filter reads its configuration only when it starts.',
    ja: 'ClamAV のフィルターは設定を起動時にのみ読み込みます。',
  },
  interfaces: {
    en: 'Postfix reads the addresses it listens on only when it starts.',
    ja: 'Postfix は待ち受けアドレスを起動時にのみ読み込みます。',
  },
} satisfies Record<string, Text>;
