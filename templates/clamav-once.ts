/**
 * Debian 13 loads signatures once at each start of the machine and once a day (clamav-freshclam-once.service). The daemon that does it
 * all the time holds the log that both write, so whichever comes second fails: while the daemon is switched on, the other is left out.
 */
export const clamavOnce = (updater: string) => `[Unit]
ConditionPathExists=!/etc/systemd/system/multi-user.target.wants/${updater}
`;
