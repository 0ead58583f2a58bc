/**
 * Starts ClamAV's daemon when signatures come (systemd.path(5)): its own unit starts only where they are there already, and
 * nothing would start it after the first download. While it runs this does nothing. It brings the daemon up with the machine, too:
 * Debian 13 does not switch it on.
 */
export const clamavPath = (folder: string, unit: string) => `[Unit]
Description=Start ClamAV once its signatures are there (dovetail)
Wants=${unit}

[Path]
PathChanged=${folder}
Unit=${unit}

[Install]
WantedBy=multi-user.target
`;
