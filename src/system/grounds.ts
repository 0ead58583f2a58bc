import {certbotHere, simulatedAuthority} from './certbot.js';
import {localDatabases, simulatedDatabases} from './databases.js';
import {ledgerFirewall, machineFirewall} from './firewall.js';
import {realFiles} from './files.js';
import {createRun} from './run.js';
import {systemdServices, treeServices} from './services.js';
import type {System} from './types.js';

/** The machine itself. `atBoot`: nothing waits for units, which may wait for us. */
export const machineSystem = ({atBoot = false}: {readonly atBoot?: boolean} = {}): System => {
  const run = createRun();
  const files = realFiles();
  return {
    ground: 'machine',
    tree: '/',
    files,
    runs: true,
    run,
    services: systemdServices(run, {wait: !atBoot}),
    firewall: machineFirewall(run, files),
    databases: localDatabases(run),
    authority: certbotHere(run, files),
  };
};

/** A tree (`--root`): files only; programs are those of the tree, and only root can run them in it. */
export const directorySystem = (root: string): System => {
  const chroot = process.getuid?.() === 0 && realFiles(root).lstat('/usr/bin/true') !== undefined;
  const missing = async () => ({exitCode: null, stdout: '', stderr: '', timedOut: false, missing: true});
  return {
    ground: 'directory',
    tree: root,
    files: realFiles(root),
    runs: chroot,
    run: chroot ? createRun(['/usr/sbin/chroot', root], false) : missing,
    services: treeServices(createRun(), root),
    firewall: ledgerFirewall(),
    databases: simulatedDatabases(),
    authority: simulatedAuthority(),
  };
};
