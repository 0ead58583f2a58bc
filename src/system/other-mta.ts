import type {ReadFiles} from './types.js';

/** Packages that are mail servers and cannot stand beside Postfix (their `Conflicts: mail-transport-agent`). */
export const otherMtaPackages: readonly string[] = [
  'exim4-base',
  'exim4',
  'sendmail-bin',
  'sendmail',
  'nullmailer',
  'msmtp-mta',
  'opensmtpd',
  'ssmtp',
  'esmtp-run',
  'dma',
  'courier-mta',
  'citadel-server',
];

// Where they keep what they have not sent yet, and which of the files there stand for one message each.
const queues: readonly (readonly [path: string, message: RegExp])[] = [
  ['/var/spool/exim4/input', /-H$/],
  ['/var/spool/mqueue', /^[qQ]f/],
  ['/var/spool/mqueue-client', /^[qQ]f/],
  ['/var/spool/clientmqueue', /^[qQ]f/],
  ['/var/spool/nullmailer/queue', /./],
  ['/var/spool/smtpd/queue', /^envelope$/],
  ['/var/spool/dma', /^Q/],
  ['/var/lib/courier/msgq', /^C/],
];

/** Messages that wait in the queue of another mail server, and where the first of them is. */
export const waitingElsewhere = (files: ReadFiles): {readonly count: number; readonly path: string} => {
  const found = queues
    .map(([path, message]) => ({path, count: messagesIn(files, path, message)}))
    .filter(({count}) => count > 0);
  return {count: found.reduce((sum, {count}) => sum + count, 0), path: found[0]?.path ?? ''};
};

const messagesIn = (files: ReadFiles, folder: string, message: RegExp): number =>
  (files.list(folder) ?? []).reduce((sum, name) => {
    const path = `${folder}/${name}`;
    return files.lstat(path)?.type === 'directory'
      ? sum + messagesIn(files, path, message)
      : sum + Number(message.test(name));
  }, 0);
