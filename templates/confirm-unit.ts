/** Unit that waits for a confirmation, whatever the firewall does meanwhile (systemd.unit(5)); `command` is quoted for ExecStart. */
export const confirmUnitText = (command: string) => `[Unit]
Description=Put back what nobody confirms (dovetail)
After=dovetail-recover.service firewalld.service ufw.service nftables.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command}
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
