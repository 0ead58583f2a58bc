import {readFileSync} from 'node:fs';
import type {LabHost} from '../hosts/host.js';

export const dovetail = '/opt/dovetail/dovetail';
export const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};

/** A gateway, and the host that keeps its mailboxes. */
export type Hosts = {readonly imap: LabHost; readonly gateway: LabHost};

/** The text of an example's answers. */
export const example = (name: string) =>
  readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), 'utf8');

/** Every host sees the others at the address of its own gateway. */
export const door = (host: LabHost) => host.address.replace(/\d+$/, '1');

/** The answers of the host with the mailboxes, which hands them to the gateway and judges its logins. */
export const mailboxes = (imap: LabHost) =>
  example('dovecot-only').replace('mail.example.test', 'imap.example.test') +
  `lmtp: {network: true, hosts: [${door(imap)}]}\nauth: {network: true, network_hosts: [${door(imap)}]}\n`;

/** The answers of the gateway: people may send by it, too. */
export const sending = `${example('gateway')}submission: {login: tcp, login_in_clear: true}\n`;

/** What a command said. Throws where it failed. */
export const must = async (host: LabHost, file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout;
};

export const apply = async (host: LabHost, answers: string) => {
  host.write('/root/answers.yaml', answers);
  const {exitCode, stdout, stderr} = await host.run(
    dovetail,
    ['apply', '--answers', '/root/answers.yaml', '--yes'],
    {timeout: 900_000},
  );
  return {exitCode, text: stdout + stderr};
};
