import {asUnit, unitWord} from '../src/core/unit-word.js';

/** Checks the server once (systemd.service(5)); it steps back for everything else that the machine does. `platform`: as it was named for this machine. */
export const watchService = (
  program: readonly string[],
  to: string,
  lang: string,
  platform: string | undefined,
) => `[Unit]
Description=Check the mail server and mail what changed (dovetail)
After=network.target

[Service]
Type=oneshot
ExecStart=${asUnit([
  ...program,
  'watch-now',
  to,
  '--lang',
  lang,
  ...(platform === undefined ? [] : ['--platform', platform]),
])
  .map(unitWord)
  .join(' ')}
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=15min
`;

/** When it does (systemd.timer(5)); what was due while the machine was off is done once it is on again. */
export const watchTimer = (when: 'hourly' | 'daily') => `[Unit]
Description=Check the mail server ${when} (dovetail)

[Timer]
OnCalendar=${when}
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
`;
