import {firstServer} from './helpers/first-server.js';
import {standInReason} from './hosts/stand-in.js';

// A stand-in for EL9: the real dnf and rpm, EL9's names, configuration and scriptlets, Debian's programs (test/hosts/stand-in.ts).
firstServer({
  name: 'el9',
  reason: standInReason(),
  dovecot: 'dovecot',
  certificates: '/etc/pki/dovetail',
  effective: {
    ssl: 'required',
    ssl_cert: '</etc/pki/dovetail/server.crt',
    // The system's own policy decides about ciphers there, and is left to it.
    ssl_cipher_list: 'PROFILE=SYSTEM',
    disable_plaintext_auth: 'yes',
    auth_mechanisms: 'plain login',
    auth_username_format: '%Lu',
    mail_location: 'maildir:~/mail',
    first_valid_uid: '1000',
    protocols: 'imap pop3 lmtp',
  },
  also: {
    'what came along is marked so, and what was asked for is not': async (t, host) => {
      const {stdout} = await host.run('dnf', [
        '-q',
        '-C',
        'repoquery',
        '--installed',
        '--qf',
        '%{name} %{reason}',
      ]);
      t.regex(stdout, /^clucene-core dependency$/m);
      t.regex(stdout, /^dovecot user$/m);
      t.regex(stdout, /^postfix user$/m);
    },
    'port 465 has the one name that this system knows it by, outside of a chroot': async (t, host) => {
      const {stdout} = await host.run('postconf', ['-M']);
      t.regex(stdout, /^smtps +inet +n +- +n +- +- +smtpd/m);
      t.notRegex(stdout, /^(?:submissions|465) /m);
    },
    'the firewall lets mail in, now and after the next start': async (t, host) => {
      for (const where of [[], ['--permanent']]) {
        const {stdout} = await host.run('firewall-cmd', [...where, '--zone=public', '--list-services']);
        for (const service of ['imap', 'imaps', 'pop3s', 'smtp', 'smtps', 'smtp-submission']) {
          t.true(stdout.split(/\s+/).includes(service), `${service} in ${stdout}`);
        }
      }
    },
    'the number of the run in the package manager’s own history is kept': async (t, host) => {
      const {stdout} = await host.run('sh', ['-c', 'cat /var/lib/dovetail/tx/*/journal*']);
      t.regex(stdout, /"number":"\d+"/);
    },
  },
});
