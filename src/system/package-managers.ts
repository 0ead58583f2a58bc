import {apt} from './apt.js';
import {dnf} from './dnf.js';
import type {PackageManager, PackageManagerName} from './package-manager.js';
import type {ReadFiles} from './types.js';

const managers: Readonly<Record<PackageManagerName, PackageManager>> = {apt, dnf};

/** A package manager by its name. Transactions of versions that knew only one do not name it. */
export const packageManager = (name: PackageManagerName = 'apt'): PackageManager => managers[name];

/** The package manager that a system has which nobody has a name for. */
export const packageManagerIn = (files: ReadFiles): PackageManagerName =>
  files.lstat('/var/lib/dpkg/status') === undefined && files.lstat('/usr/bin/rpm') !== undefined
    ? 'dnf'
    : 'apt';
