import {setTimeout} from 'node:timers/promises';
import type {Firewall, Run, Services, UnitState} from './types.js';

/** The machine's own units (systemctl(1)). A failed act throws with what systemd said; not waited for, it cannot be told. */
export const systemdServices = (run: Run, {wait = true}: {readonly wait?: boolean} = {}): Services => {
  const act = async (verb: string, unit: string) => {
    const options = ['--no-ask-password', ...(wait ? [] : ['--no-block'])];
    const {exitCode, stderr} = await run('/usr/bin/systemctl', [...options, verb, '--', unit], {
      timeout: 150_000,
    });
    if (exitCode !== 0) {
      throw new Error(`systemctl ${verb} ${unit}: ${stderr.trim()}`);
    }
  };

  return {
    simulated: false,
    state: async unit => {
      const {stdout} = await run('/usr/bin/systemctl', [
        'show',
        '--property=LoadState,ActiveState,UnitFileState',
        '--',
        unit,
      ]);
      const value = Object.fromEntries(
        stdout.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      return {
        exists: value['LoadState'] === 'loaded',
        enabled: /^(?:enabled|static|alias|generated)/.test(value['UnitFileState'] ?? ''),
        active: value['ActiveState'] === 'active' || value['ActiveState'] === 'reloading',
        masked: value['LoadState'] === 'masked',
      };
    },
    enable: unit => act('enable', unit),
    disable: unit => act('disable', unit),
    start: unit => act('start', unit),
    stop: async unit => {
      await act('stop', unit);
      // One that failed to start would be said to have failed as long as the machine runs.
      await run('/usr/bin/systemctl', ['reset-failed', '--', unit]);
    },
    // The helper that a reload starts can fail for reasons of systemd's own on a busy machine (systemd.exec(5), 219/CGROUP),
    // and to reload twice does no harm.
    reload: async unit => {
      try {
        await act('reload', unit);
      } catch {
        await setTimeout(reloadPause);
        await act('reload', unit);
      }
    },
    restart: unit => act('restart', unit),
  };
};

// Milliseconds before a reload that failed is tried once more.
const reloadPause = 1000;

/**
 * Units of a tree that does not run (systemctl(1), --root): they can be enabled for its first start, which is all that can be
 * said of them.
 */
export const treeServices = (run: Run, root: string): Services => {
  const act = async (verb: string, unit: string) => {
    const {exitCode, stderr} = await run('/usr/bin/systemctl', ['--root', root, verb, '--', unit]);
    if (exitCode !== 0) {
      throw new Error(`systemctl --root ${root} ${verb} ${unit}: ${stderr.trim()}`);
    }
  };
  const nothing = async () => undefined;
  return {
    simulated: true,
    state: async unit => {
      const {stdout} = await run('/usr/bin/systemctl', ['--root', root, 'is-enabled', '--', unit]);
      const enabled = /^(?:enabled|static|alias|generated)/.test(stdout);
      return {
        exists: stdout.trim() !== '' && !stdout.startsWith('not-found'),
        enabled,
        active: enabled,
        masked: stdout.startsWith('masked'),
      };
    },
    enable: unit => act('enable', unit),
    disable: unit => act('disable', unit),
    start: nothing,
    stop: nothing,
    reload: nothing,
    restart: nothing,
  };
};

/** What was wanted of units where there is no systemd to ask: a tree, a view. Starts from what a real one says, where given. */
export const ledgerServices = (
  start: (unit: string) => Promise<UnitState> = async () => ({
    exists: true,
    enabled: false,
    active: false,
    masked: false,
  }),
): Services => {
  const wanted = new Map<string, UnitState>();
  const state = async (unit: string) => wanted.get(unit) ?? start(unit);
  const put = async (unit: string, change: Partial<UnitState>) => {
    wanted.set(unit, {...(await state(unit)), ...change});
  };

  return {
    simulated: true,
    state,
    enable: unit => put(unit, {enabled: true}),
    disable: unit => put(unit, {enabled: false}),
    start: unit => put(unit, {active: true}),
    stop: unit => put(unit, {active: false}),
    reload: async () => undefined,
    restart: unit => put(unit, {active: true}),
  };
};

/** firewalld, by exact entries (firewall-cmd(1)); permanent and runtime are asked and changed apart, nothing is reloaded. */
export const firewalld = (run: Run): Firewall => {
  const option = (verb: 'add' | 'remove' | 'query', item: string) => {
    const [kind = '', ...rest] = item.split(':');
    return `--${verb}-${kind === 'rich' ? 'rich-rule' : kind}=${rest.join(':')}`;
  };
  // 0 is yes, 1 is no; whatever else is no answer (firewall-cmd(1), exit codes).
  const ask = async (zone: string, item: string, where: readonly string[]) => {
    const args = [...where, `--zone=${zone}`, option('query', item)];
    const {exitCode, stderr, missing} = await run('/usr/bin/firewall-cmd', args);
    if (exitCode === 0 || exitCode === 1) {
      return exitCode === 0;
    }

    if (!missing && exitCode !== notRunning) {
      throw new Error(`firewall-cmd ${args.join(' ')}: ${stderr.trim()}`);
    }

    // Stopped meanwhile: what it will let in after its next start is in its files, and nothing is in the kernel.
    return where.length > 0 && (await run(offline, args.slice(1))).exitCode === 0;
  };

  return {
    simulated: false,
    has: async (zone, item) => ({
      permanent: await ask(zone, item, ['--permanent']),
      runtime: await ask(zone, item, []),
    }),
    set: async (zone, item, where, state) => {
      const args = [`--zone=${zone}`, option(state === 'present' ? 'add' : 'remove', item)];
      const result = await run('/usr/bin/firewall-cmd', [
        ...(where === 'permanent' ? ['--permanent'] : []),
        ...args,
      ]);
      const isStopped = result.missing || result.exitCode === notRunning;
      if (isStopped && where === 'runtime') {
        return;
      }

      const {exitCode, stderr} = isStopped ? await run(offline, args.map(offlineOption)) : result;
      if (exitCode !== 0) {
        throw new Error(`firewall-cmd ${where} ${args.join(' ')}: ${stderr.trim()}`);
      }
    },
  };
};

/** Exit code of firewall-cmd(1) where the daemon does not run. */
const notRunning = 252;
const offline = '/usr/bin/firewall-offline-cmd';

// There `--remove-service` is an option of an older program that it stands in for (firewall-offline-cmd(1)).
const offlineOption = (option: string) => option.replace(/^--remove-service=/, '--remove-service-from-zone=');

/** Firewall entries that were wanted where there is no firewall to ask. */
export const ledgerFirewall = (
  start: Firewall['has'] = async () => ({permanent: false, runtime: false}),
): Firewall => {
  const wanted = new Map<string, {permanent: boolean; runtime: boolean}>();
  const has = async (zone: string, item: string) => wanted.get(`${zone} ${item}`) ?? start(zone, item);
  return {
    simulated: true,
    has,
    set: async (zone, item, where, state) => {
      wanted.set(`${zone} ${item}`, {...(await has(zone, item)), [where]: state === 'present'});
    },
  };
};
