/**
 * saslauthd(8) with PAM, for Postfix alone: its socket is where smtpd(8) finds it from inside of its chroot, and only Postfix's group
 * comes to it. Passwords are not remembered (`-c`): one that was changed or taken away counts at once.
 */
export const saslauthdUnit = (folder: string) => `[Unit]
Description=Passwords of those who send mail, for Postfix (saslauthd, PAM; dovetail)
Before=postfix.service

[Service]
Type=forking
PIDFile=${folder}/saslauthd.pid
ExecStart=/usr/sbin/saslauthd -a pam -m ${folder} -n 5
ExecStopPost=/bin/rm -f ${folder}/mux ${folder}/mux.accept ${folder}/cache.flock ${folder}/cache.mmap ${folder}/saslauthd.pid
Restart=on-failure
PrivateTmp=yes
ProtectHome=read-only

[Install]
WantedBy=multi-user.target
`;

/** PAM's stack for those who send: the machine's own rules, after the one that keeps out who is no person. */
export const smtpStack = (gate: string) => `# Who may send mail by Postfix with the password of this machine.
${gate}
@include common-auth
@include common-account
`;
