import {diffLines} from '../config/diff.js';
import type {EffectiveDiff} from '../core/plan.js';
import {masked} from '../core/secret.js';
import type {OverlayView} from '../stage/view.js';

export type Effective = Readonly<Record<EffectiveDiff['of'], string>>;

/** The daemons' own view of their configuration, in the tree that a view shows. */
export const effectiveOf = async ({system: {run}}: OverlayView): Promise<Effective> => {
  const [doveconf, postconf, services] = await Promise.all([
    run('/usr/bin/doveconf', ['-n']),
    run('/usr/sbin/postconf', ['-n']),
    run('/usr/sbin/postconf', ['-M']),
  ]);
  return {
    doveconf: withoutSecrets(doveconf.stdout.replace(/^# .*\n/gm, '')),
    postconf: postconf.stdout,
    'postconf -M': services.stdout,
  };
};

// doveconf(1) hides some passwords, and not those of PostgreSQL's parameters.
const withoutSecrets = (text: string) =>
  text.replaceAll(/^(.*(?:password|passphrase|dnpass|secret) = ).*$/gm, `$1${masked}`);

/** Lines that came or went. */
export const diffEffective = (before: Effective, after: Effective): readonly EffectiveDiff[] =>
  (Object.keys(before) as EffectiveDiff['of'][])
    .map(of => ({of, lines: diffLines(of, before[of], after[of]).filter(line => /^[+-]/.test(line))}))
    .filter(({lines}) => lines.length > 0);
