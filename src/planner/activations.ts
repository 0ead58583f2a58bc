import {clamavFiles, clamavUnits} from '../core/clamav-files.js';
import type {Change} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import type {Activation, Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {Text} from '../core/text.js';

/**
 * What must be reloaded or restarted once the changes are in. Units that the plan itself starts read everything anyway.
 * `installed`: names of the packages that come with the plan.
 */
export const activationsOf = (
  changes: readonly Change[],
  edits: Plan['edits'],
  facts: Facts,
  platform: Platform,
  installed: readonly string[] = [],
): readonly Activation[] => {
  const starting = new Set(changes.flatMap(change => (change.kind === 'service.state' ? [change.unit] : [])));
  const wanted: readonly (Activation | undefined)[] = [
    dovecotActivation(changes, edits, platform, installed),
    postfixActivation(changes, edits, platform),
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
  edits: Plan['edits'],
  {units}: Platform,
  installed: readonly string[],
): Activation | undefined =>
  installed.some(name => name.startsWith('dovecot'))
    ? {unit: units.dovecot, act: 'restart', because: texts.modules}
    : changes.some(touchesDovecot)
      ? movesListeners(changes, edits)
        ? {unit: units.dovecot, act: 'restart', because: texts.listen}
        : {unit: units.dovecot, act: 'reload'}
      : undefined;

// A process that waits for logins holds the old socket of all addresses for a while after a reload: one of them alone could not be
// bound beside it (bind(2), EADDRINUSE), and the master would go on without.
const movesListeners = (changes: readonly Change[], edits: Plan['edits']) =>
  changes.some(change => change.kind === 'config.edit' && change.family === 'dovecot') &&
  edits.dovecot.some(
    ({edit}) => (edit.op === 'set' || edit.op === 'unset') && edit.at.length === 0 && edit.key === 'listen',
  );

const postfixActivation = (
  changes: readonly Change[],
  edits: Plan['edits'],
  platform: Platform,
): Activation | undefined => {
  if (!changes.some(touchesPostfix)) {
    return undefined;
  }

  const mainChanges = changes.some(change => change.kind === 'config.edit' && change.family === 'main.cf');
  const needsRestart = mainChanges && edits.main.some(({edit}) => restartOnly.has(edit.key));
  return needsRestart
    ? {unit: platform.units.postfix, act: 'restart', because: texts.interfaces}
    : {unit: platform.units.postfix, act: 'reload'};
};

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
const restartOnly = new Set(['inet_interfaces', 'inet_protocols']);

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
