import {install, type LabHost, usualRelease} from './host.js';

/** Lets root of this machine, who has the key, log in to a host by SSH. The stand-in for EL9 has the server, switched off and without keys. */
export const startSsh = async (host: LabHost, key: string) => {
  if (usualRelease !== 'el9') {
    await install(host, 'openssh-server');
  }

  const {exitCode, stdout, stderr} = await host.run('sh', [
    '-ec',
    'ssh-keygen -q -A; systemctl start ssh; mkdir -p -m 0700 /root/.ssh',
  ]);
  if (exitCode !== 0) {
    throw new Error(stdout + stderr);
  }

  host.write('/root/.ssh/authorized_keys', key, 0o600);
};
