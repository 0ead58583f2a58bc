import type {Change} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import type {Activation, Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {Text} from '../core/text.js';

/** What must be reloaded or restarted once the changes are in. Units that the plan itself starts read everything anyway. */
export const activationsOf = (
  changes: readonly Change[],
  edits: Plan['edits'],
  facts: Facts,
  platform: Platform,
): readonly Activation[] => {
  const starting = new Set(changes.flatMap(change => (change.kind === 'service.state' ? [change.unit] : [])));
  const wanted: readonly (Activation | undefined)[] = [
    changes.some(touchesDovecot) ? {unit: platform.units.dovecot, act: 'reload'} : undefined,
    postfixActivation(changes, edits, platform),
  ];
  return wanted.filter(
    activation =>
      activation !== undefined &&
      !starting.has(activation.unit) &&
      facts.units[activation.unit]?.active === true,
  ) as readonly Activation[];
};

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

// postconf(5): "stop and start Postfix when this parameter changes".
const restartOnly = new Set(['inet_interfaces', 'inet_protocols']);

const touchesDovecot = (change: Change) =>
  (change.kind === 'config.edit' && change.family === 'dovecot') ||
  (change.kind === 'file.write' && isTlsOrDovecot(change.path));

const touchesPostfix = (change: Change) =>
  (change.kind === 'config.edit' && (change.family === 'main.cf' || change.family === 'master.cf')) ||
  change.kind === 'map.compile' ||
  (change.kind === 'file.write' && !change.path.startsWith('/etc/dovecot/') && isTlsOrDovecot(change.path));

const isTlsOrDovecot = (path: string) => path.startsWith('/etc/dovecot/') || /\.(?:pem|crt|key)$/.test(path);

const texts = {
  interfaces: {
    en: 'Postfix reads the addresses it listens on only when it starts.',
    ja: 'Postfix は待ち受けアドレスを起動時にのみ読み込みます。',
  },
} satisfies Record<string, Text>;
