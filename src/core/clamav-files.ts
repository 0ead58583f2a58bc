/**
 * Where Debian's ClamAV has its things. Ours: `path`, a unit that starts the daemon once there are signatures; `unit`, how its filter is
 * started, beside the unit that systemd makes of the package's script (systemd-sysv-generator(8)); `once`, that Debian 13's other way to
 * load signatures keeps still while this one does it.
 */
export const clamavFiles = {
  milter: '/etc/clamav/clamav-milter.conf',
  signatures: '/var/lib/clamav',
  socket: '/run/clamav/clamd.ctl',
  path: '/etc/systemd/system/dovetail-clamav.path',
  unit: '/etc/systemd/system/clamav-milter.service.d/dovetail.conf',
  once: '/etc/systemd/system/clamav-freshclam-once.service.d/dovetail.conf',
} as const;

/** `updater` loads signatures, `daemon` looks for viruses, `milter` stands between it and Postfix, `path` waits for signatures. */
export const clamavUnits = {
  updater: 'clamav-freshclam.service',
  socket: 'clamav-daemon.socket',
  daemon: 'clamav-daemon.service',
  milter: 'clamav-milter.service',
  path: 'dovetail-clamav.path',
} as const;

/** Whether names of a directory are signatures without which the daemon does not start (its unit's ConditionPathExistsGlob). */
export const hasSignatures = (names: readonly string[]): boolean =>
  ['main', 'daily'].every(kind => names.some(name => new RegExp(`^${kind}\\.(?:cvd|cld|inc)$`).test(name)));
