import {readFileSync} from 'node:fs';
import {bootHost, install, type LabHost, usualRelease} from '../hosts/host.js';
import {milterFor, relayFor} from '../hosts/neighbours.js';
import {until} from '../hosts/until.js';
import {dovecotConf, mainCf, submission, tables} from './old-server-texts.js';

/** Users of the machine, who have mail. */
export const people = {
  karl: {user: 'karl', pass: 'karl-since-2013'},
  berta: {user: 'berta', pass: 'berta-since-2018'},
} as const;

/** Files that somebody wrote, with comments. */
export const written = [
  '/etc/aliases',
  '/etc/dovecot/dovecot.conf',
  ...['main.cf', 'master.cf', ...Object.keys(tables)].map(name => `/etc/postfix/${name}`),
];

const setUp = `
${Object.values(people)
  .map(
    ({user, pass}) => `useradd --create-home --shell /bin/bash ${user}\necho '${user}:${pass}' | chpasswd\n`,
  )
  .join('')}
mkdir -p /etc/ssl/old
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 300 -subj /CN=post.old.example.test \\
  -addext subjectAltName=DNS:post.old.example.test -keyout /etc/ssl/old/privkey.pem -out /etc/ssl/old/fullchain.pem
cd /etc/postfix
postmap hash:access hash:transport hash:virtual
newaliases
systemctl restart postfix dovecot
printf 'Subject: an old letter\\n\\nWords.\\n' | /usr/sbin/sendmail -f a@b.invalid info@old.example.test
`;

export type OldServer = Awaited<ReturnType<typeof bootOldServer>>;

/** Boots a server that somebody wrote by hand, with its relay and its filter beside it. It has taken one letter. */
export const bootOldServer = async () => {
  const host = await bootHost({hostname: 'post.old.example.test'});
  // This machine, as the host sees it.
  const beside = host.address.replace(/\.2$/, '.1');
  const relay = await relayFor(beside, [2525, 2526]);
  const milter = await milterFor(beside, 8899);
  const read = (path: string) => readFileSync(`${host.tree}${path}`, 'latin1');
  const stop = async () => {
    relay.close();
    milter.close();
    await host.stop();
  };
  try {
    await writeServer(host, beside);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    host,
    beside,
    relay,
    milter,
    read,
    stop,
    /** Accounts of the machine, as passwd(5) has them. */
    users: () =>
      read('/etc/passwd')
        .split('\n')
        .map(line => line.split(':'))
        .flatMap(([name = '', , uid, , , , shell]) =>
          uid === undefined ? [] : [{name, uid: Number(uid), shell}],
        ),
    /** Whether a letter comes into Karl's inbox. */
    arrives: async (subject: string) => {
      const fetch = ['fetch', '-u', 'karl', 'hdr.subject', 'mailbox', 'INBOX', 'all'];
      return until(async () => (await host.run('doveadm', fetch)).stdout.includes(subject));
    },
  };
};

const writeServer = async (host: LabHost, beside: string) => {
  await install(host, 'postfix', 'dovecot-imapd', 'dovecot-lmtpd', 'openssl');
  const master = readFileSync(`${host.tree}/etc/postfix/master.cf`, 'latin1').replaceAll(/^#.*\n/gm, '');
  for (const [name, text] of Object.entries({
    ...tables,
    'main.cf': mainCf(beside),
    'master.cf': `# cleaned up -- Karl\n${master}${submission}`,
  })) {
    host.write(`/etc/postfix/${name}`, text);
  }

  host.write('/etc/mailname', 'old.example.test\n');
  host.write('/etc/aliases', '# of the machine itself\npostmaster: root\n# Karl reads it all\nroot:  karl\n');
  host.write('/etc/dovecot/dovecot.conf', dovecotConf[usualRelease === 'trixie' ? '2.4' : '2.3']);
  const {exitCode, stdout, stderr} = await host.run('sh', ['-ec', setUp]);
  if (exitCode !== 0) {
    throw new Error(stdout + stderr);
  }
};
