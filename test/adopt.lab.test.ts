import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {bootHost, dovecots, install, type LabHost, labReason, usualRelease} from './hosts/host.js';
import {differences, snapshot} from './hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
let host: LabHost;
let old: ReadonlyMap<string, string>;

const configuration = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
const changedPaths = () => differences(old, configuration()).map(line => line.slice(0, line.indexOf(':')));
const read = (path: string) => readFileSync(`${host.tree}${path}`, 'latin1');
const effective = async () => {
  const [dovecot, postfix] = await Promise.all([host.run('doveconf', ['-n']), host.run('postconf', ['-n'])]);
  return {dovecot: dovecot.stdout.replace(/^# .*\n/gm, ''), postfix: postfix.stdout};
};
const linesOf = (one: string, other: string) => {
  const there = new Set(other.split('\n'));
  return one.split('\n').filter(line => !there.has(line));
};

// As somebody wrote it over ten years: one file, tabs, odd blanks, comments everywhere, CRLF in one of them.
const dovecot23 = `## mail.old.example.test -- do not touch without asking Karl!  (2014-03-02)
#
protocols=imap pop3   lmtp
listen = *, ::
   # home-grown
mail_location =   maildir:~/Maildir   # since the big move
log_path=syslog
disable_plaintext_auth = yes
auth_mechanisms = plain login

ssl = required
ssl_cert = </etc/ssl/old/fullchain.pem
ssl_key  = </etc/ssl/old/privkey.pem
ssl_min_protocol = TLSv1.2

passdb {
\tdriver = passwd-file
\targs = scheme=SHA512-CRYPT username_format=%u /etc/dovecot/passwd  # see wiki
}
userdb {
\tdriver = static
\targs = uid=mailstore gid=mailstore home=/srv/mail/%d/%n
}

service auth {
  unix_listener /var/spool/postfix/private/auth {
\tmode = 0660
\tuser = postfix
\tgroup = postfix
  }
}
service lmtp {
  unix_listener /var/spool/postfix/private/lmtp-old { # never rename
    mode=0600
    user=postfix
    group=postfix
  }
}
# TODO karl: quotas?
namespace inbox {
  inbox = yes
  mailbox Trash { 
    auto = create
    special_use = \\Trash
  }
}
`.replace('/lmtp-old { # never rename', '/lmtp-old {');
// The same person's, after the move to 2.4.
const dovecot24 = `## mail.old.example.test -- do not touch without asking Karl!  (2014-03-02, 2.4 since 2025)
dovecot_config_version = 2.4.0
dovecot_storage_version=2.4.0
#
protocols=imap pop3   lmtp
listen = *, ::
   # home-grown
mail_driver =   maildir   # since the big move
mail_path=~/Maildir
log_path=syslog
auth_allow_cleartext = no
auth_mechanisms = plain login

ssl = required
ssl_server {
\tcert_file = /etc/ssl/old/fullchain.pem
\tkey_file  = /etc/ssl/old/privkey.pem
}
ssl_min_protocol = TLSv1.2

passdb passwd-file {
\tpasswd_file_path = /etc/dovecot/passwd  # see wiki
\tdefault_password_scheme=SHA512-CRYPT
}
userdb static {
  fields {
\tuid=mailstore
\tgid = mailstore
    home = /srv/mail/%{user | domain}/%{user | username}
  }
}

service auth {
  unix_listener /var/spool/postfix/private/auth {
\tmode = 0660
\tuser = postfix
\tgroup = postfix
  }
}
service lmtp {
  unix_listener /var/spool/postfix/private/lmtp-old {
    mode=0600
    user=postfix
    group=postfix
  }
}
# TODO karl: quotas?
namespace inbox {
  inbox = yes
  mailbox Trash { 
    auto = create
    special_use = \\Trash
  }
}
`;
const mainCf =
  `# main.cf of the old server
myhostname = mail.old.example.test
\tmydomain = old.example.test
`.replace('\tmydomain', 'mydomain') +
  `myorigin = $mydomain
inet_interfaces = all
inet_protocols = all

# local delivery only for the machine itself,
# all the rest is virtual
mydestination = $myhostname,
\tlocalhost.$mydomain,
\tlocalhost
mynetworks = 127.0.0.0/8
\t# the printer
\t10.99.0.7/32
\t[::1]/128

virtual_mailbox_domains = old.example.test
virtual_mailbox_maps=hash:/etc/postfix/people
virtual_transport = lmtp:unix:private/lmtp-old
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases

smtpd_tls_cert_file=/etc/ssl/old/fullchain.pem
smtpd_tls_key_file=/etc/ssl/old/privkey.pem
smtpd_tls_security_level = may
smtpd_helo_required = yes
smtpd_relay_restrictions =
    permit_mynetworks
    permit_sasl_authenticated
    reject_unauth_destination
compatibility_level = 3.6
`;
const submission = `
# --- karl: users send here ---
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=private/auth
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=
`;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost({hostname: 'mail.old.example.test'});
  const is24 = usualRelease === 'trixie';
  const isEl9 = usualRelease === 'el9';
  const must = async (file: string, args: readonly string[], input?: string) => {
    const {exitCode, stdout, stderr} = await host.run(file, args, input === undefined ? {} : {input});
    if (exitCode !== 0) {
      throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
    }

    return stdout;
  };
  await install(host, 'postfix', 'openssl', ...dovecots('imapd', 'pop3d', 'lmtpd'));
  await must('useradd', [
    '--system',
    '--create-home',
    '--home-dir',
    '/srv/mail',
    '--uid',
    '1234',
    '--user-group',
    'mailstore',
  ]);
  await must('mkdir', ['-p', '/etc/ssl/old']);
  await must('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '300',
    '-subj',
    '/CN=mail.old.example.test',
    '-addext',
    'subjectAltName=DNS:mail.old.example.test',
    '-keyout',
    '/etc/ssl/old/privkey.pem',
    '-out',
    '/etc/ssl/old/fullchain.pem',
  ]);
  const hash = await must('doveadm', ['pw', '-s', 'SHA512-CRYPT'], 'old-password-1\nold-password-1\n');
  host.write(
    '/etc/dovecot/passwd',
    `# people\nkarl@old.example.test:${hash.trim()}::::::\r\nberta@old.example.test:${hash.trim()}::::::\n`,
  );
  host.write('/etc/dovecot/dovecot.conf', is24 ? dovecot24 : dovecot23);
  host.write('/etc/postfix/main.cf', mainCf);
  host.write(
    '/etc/postfix/people',
    'karl@old.example.test   ok\nberta@old.example.test\tok\npostmaster@old.example.test ok\n',
  );
  host.write(
    '/etc/postfix/master.cf',
    // EL9 has no services in a chroot.
    read('/etc/postfix/master.cf') + (isEl9 ? submission.replace(' y ', ' n ') : submission),
  );
  await must('chown', ['root:dovecot', '/etc/dovecot/passwd']);
  await must('chmod', ['0640', '/etc/dovecot/passwd']);
  await must('postmap', ['hash:/etc/postfix/people']);
  await must('systemctl', ['enable', 'postfix', 'dovecot']);
  await must('systemctl', ['restart', 'postfix', 'dovecot']);
  await must('sendmail', ['-f', 'a@b.invalid', 'karl@old.example.test'], 'Subject: old\n\nan old letter\n');
  await must('systemctl', ['is-active', 'dovecot', 'postfix']);
  host.write('/root/no-pop3.yaml', 'version: 1\nprotocols:\n  services: [imap]\n');
  old = configuration();
});

test.after.always(async () => host?.stop());

lab('a server that somebody wrote by hand: nothing is planned', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan']);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /Nothing to change/);
  t.deepEqual(changedPaths(), []);
});

lab('its state as an answers file plans nothing either', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['answers']);
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /hostname: mail\.old\.example\.test/);
  t.regex(stdout, /- pop3/);
  t.notRegex(stdout, /\$6\$/);
  host.write('/root/adopted.yaml', stdout, 0o600);
  const again = await host.run(dovetail, ['plan', '--answers', '/root/adopted.yaml']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
});

lab('one section is changed: only its lines, and every comment stays', async t => {
  const before = await effective();
  const text = read('/etc/dovecot/dovecot.conf');
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    '--answers',
    '/root/no-pop3.yaml',
    'protocols',
    '--yes',
  ]);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(
    changedPaths().filter(path => path !== '/etc/postfix/main.cf'),
    ['/etc/dovecot/dovecot.conf'],
  );
  t.is(read('/etc/postfix/main.cf'), mainCf);
  // Debian's packages of 2.4 add to this list by files of their own: a name leaves it by a line of its own, after all of them.
  const is24 = usualRelease === 'trixie';
  t.deepEqual(linesOf(text, read('/etc/dovecot/dovecot.conf')), is24 ? [] : ['protocols=imap pop3   lmtp']);
  t.is(linesOf(read('/etc/dovecot/dovecot.conf'), text).length, is24 ? 2 : 1);
  const now = await effective();
  t.deepEqual(now.postfix, before.postfix);
  // Dovecot 2.4 lists the names in an order of its own, or one a line.
  const words = (text: string) => [...new Set(text.split(/[^a-z0-9]+/))].sort().join(' ');
  const gone = linesOf(before.dovecot, now.dovecot).join(' ');
  t.regex(gone, /pop3/);
  t.is(
    words(gone.replace('pop3', '')).replace(/ ?yes/, ''),
    words(linesOf(now.dovecot, before.dovecot).join(' ')),
  );
  const {stdout: listening} = await host.run('ss', ['-H', '-tln']);
  t.notRegex(listening, /:(?:110|995)\s/);
  t.regex(listening, /:993\s/);
});

lab('the mail of before is still read, and undone it is the old server to the byte', async t => {
  const mail = await host.run('doveadm', ['fetch', '-u', 'karl@old.example.test', 'body', 'all']);
  t.regex(mail.stdout, /an old letter/);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(old, configuration()), []);
  const {stdout: listening} = await host.run('ss', ['-H', '-tln']);
  t.regex(listening, /:995\s/);
});
