import {unitWord} from '../src/core/unit-word.js';

/**
 * What a start of ClamAV's filter does, in the place of the package's script: run it in the foreground. In the background it is
 * told by its child when to end, and where the child is quicker than the parent is to give up root it is never told: on a busy machine
 * the start hangs until systemd gives up. Mail may come once its socket is there, so that is waited for.
 */
export const clamavMilterUnit = (config: string, socket: string) => `[Unit]
After=clamav-daemon.service

[Service]
Type=exec
RemainAfterExit=no
SuccessExitStatus=
KillMode=control-group
Restart=on-failure
TimeoutSec=1min
ExecStartPre=/bin/mkdir -p /run/clamav
ExecStartPre=/bin/chown clamav: /run/clamav
ExecStartPre=/bin/rm -f ${unitWord(socket)}
ExecStart=
ExecStart=/usr/sbin/clamav-milter ${unitWord(`--config-file=${config}`)}
ExecStartPost=/bin/sh -c ${unitWord('until [ -S "$0" ]; do sleep 0.1; done')} ${unitWord(socket)}
ExecStop=
`;
