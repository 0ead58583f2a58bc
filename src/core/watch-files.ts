/** Units of the timer that checks the server, and what they start: a copy of this program that stays when a download is gone. */
export const watchUnits = {service: 'dovetail-watch.service', timer: 'dovetail-watch.timer'} as const;

export const watchFiles: readonly string[] = [
  `/etc/systemd/system/${watchUnits.service}`,
  `/etc/systemd/system/${watchUnits.timer}`,
];

export const watchProgram = [
  '/var/lib/dovetail/runtime/current/node',
  '/var/lib/dovetail/runtime/current/dovetail.mjs',
] as const;
