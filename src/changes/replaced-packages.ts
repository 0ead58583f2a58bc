import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {waitingElsewhere} from '../system/other-mta.js';
import type {PackageManager} from '../system/package-manager.js';
import type {Host, System} from '../system/types.js';

type Install = ChangeOf<'package.install'>;

/** Units of packages: systemd's own, and those that it makes of scripts in /etc/init.d. */
export const unitsOfPackages = async (
  {pathsOf}: PackageManager,
  host: Host,
  names: readonly string[],
): Promise<readonly string[]> => {
  const paths = await Promise.all(names.map(name => pathsOf(host, name)));
  const units = paths.flat().flatMap(path => {
    const own = /^(?:\/usr)?\/lib\/systemd\/system\/([^/@]+\.(?:service|socket|timer))$/.exec(path)?.[1];
    const script = /^\/etc\/init\.d\/([^/]+)$/.exec(path)?.[1];
    return own !== undefined ? [own] : script !== undefined ? [`${script}.service`] : [];
  });
  return [...new Set(units)];
};

/** Those of them that run, timers and sockets first: they would start the others again. */
export const runningUnits = async (manager: PackageManager, system: System, names: readonly string[]) => {
  const running: string[] = [];
  for (const unit of await unitsOfPackages(manager, system, names)) {
    if ((await system.services.state(unit)).active) {
      running.push(unit);
    }
  }

  return running.sort((one, other) => Number(one.endsWith('.service')) - Number(other.endsWith('.service')));
};

/**
 * Stops what is about to be removed: policy-rc.d(8) forbids its own script to. Only then is its queue looked at for the last
 * time, so that no message can come in between. Throws where one waits; going back starts it again.
 */
export const stopReplaced = async ({files, services}: System, running: readonly string[]) => {
  for (const unit of running) {
    await services.stop(unit);
  }

  const waits = waitingElsewhere(files);
  if (waits.count > 0) {
    throw new ProblemError({
      code: exitCode.rolledBack,
      what: fill(texts.waits, waits),
      remedy: texts.waitsRemedy,
    });
  }
};

/** Starts again what ran before, once it is back. */
export const startAgain = async ({run, services}: System, units: readonly string[]) => {
  if (units.length > 0) {
    // What was removed and put back is not what systemd read when it started (systemd-sysv-generator(8)).
    await run('/usr/bin/systemctl', ['daemon-reload']);
  }

  for (const unit of [...units].reverse()) {
    if (!(await services.state(unit)).active) {
      await services.start(unit);
    }
  }
};

/** What was removed to make room, and is not back yet. */
export const removedOf = (
  {kept = []}: Install,
  before: Readonly<Record<string, string>>,
  installed: Readonly<Record<string, string>>,
) => kept.filter(({name}) => before[name] !== undefined && installed[name] === undefined);

const texts = {
  waits: {
    en: '{count} messages wait in the queue of the other mail server ({path}).',
    ja: '別のメールサーバーのキュー ({path}) にメールが {count} 通あります。',
  },
  waitsRemedy: {
    en: 'Send them or remove them there, then plan again.',
    ja: '送信するか削除してから、計画を作り直してください。',
  },
} satisfies Record<string, Text>;
