import {setTimeout} from 'node:timers/promises';
import type {Run, Services, UnitState} from './types.js';

/** The machine's own units (systemctl(1)). A failed act throws with what systemd said; not waited for, it cannot be told. */
export const systemdServices = (run: Run, {wait = true}: {readonly wait?: boolean} = {}): Services => {
  const options = ['--no-ask-password', ...(wait ? [] : ['--no-block'])];
  const act = async (verb: string, unit: string) => {
    const {exitCode, stderr} = await run('/usr/bin/systemctl', [...options, verb, '--', unit], {
      timeout: 150_000,
    });
    if (exitCode !== 0) {
      throw new Error(`systemctl ${verb} ${unit}: ${stderr.trim()}`);
    }
  };

  // Of a unit whose files changed since systemd read them, it would start what it read.
  const readAnew = async (unit: string) => {
    const {stdout} = await run('/usr/bin/systemctl', ['show', '--property=NeedDaemonReload', '--', unit]);
    if (/=yes/.test(stdout)) {
      await run('/usr/bin/systemctl', [...options, 'daemon-reload']);
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
      // A script of /etc/init.d is a generated unit whether it is switched on or not; by this it is asked (systemd-sysv-install).
      const fileState =
        value['UnitFileState'] === 'generated'
          ? (await run('/usr/bin/systemctl', ['is-enabled', '--', unit])).stdout
          : (value['UnitFileState'] ?? '');
      return {
        exists: value['LoadState'] === 'loaded',
        enabled: /^(?:enabled|static|alias|generated)/m.test(fileState),
        active: value['ActiveState'] === 'active' || value['ActiveState'] === 'reloading',
        masked: value['LoadState'] === 'masked',
      };
    },
    enable: unit => act('enable', unit),
    disable: unit => act('disable', unit),
    start: async unit => {
      await readAnew(unit);
      await act('start', unit);
    },
    stop: async unit => {
      await act('stop', unit);
      // What is part of it stops with it, a moment later (systemd.unit(5), PartOf): Debian's postfix@-.service, which fails where
      // somebody had stopped Postfix by itself. One that failed would be said to have failed as long as the machine runs.
      const parts = (
        await run('/usr/bin/systemctl', ['show', '--property=ConsistsOf', '--value', '--', unit])
      ).stdout
        .split(/\s+/)
        .filter(Boolean);
      if (parts.length > 0) {
        await run('/usr/bin/systemctl', [...options, 'stop', '--', ...parts]);
      }

      await run('/usr/bin/systemctl', ['reset-failed', '--', unit, ...parts]);
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
    restart: async unit => {
      await readAnew(unit);
      await act('restart', unit);
    },
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
