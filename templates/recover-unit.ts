/** Unit that finishes at boot what was cut short, before the mail services (systemd.unit(5)); `command` is quoted for ExecStart. */
export const recoverUnit = (command: string) => `[Unit]
Description=Finish a dovetail run that was cut short
ConditionPathExists=/var/lib/dovetail/current
Before=dovecot.service postfix.service postfix@-.service

[Service]
Type=oneshot
ExecStart=${command}
TimeoutStartSec=15min

[Install]
WantedBy=multi-user.target
`;
