import test from 'ava';
import {denialsOf} from '../../src/probes/denials.js';

const denied = (time: string, domain: string, label: string, comm = 'imap') =>
  `type=AVC msg=audit(${time}:410): avc:  denied  { read write } for  pid=812 comm="${comm}" name="mail" dev="vda" ino=77 scontext=system_u:system_r:${domain}:s0 tcontext=system_u:object_r:${label}:s0 tclass=dir permissive=0`;

test('a denial of the mail server since the changes is told by domain, act and label, once for each kind', t => {
  const log = [
    denied('1700000100.123', 'dovecot_t', 'var_t'),
    denied('1700000101.5', 'dovecot_t', 'var_t', 'lmtp'),
    denied('1700000102.000', 'postfix_smtpd_t', 'default_t'),
  ].join('\n');
  t.deepEqual(denialsOf(log, 1_700_000_000), [
    'dovecot_t may not read write a dir labelled var_t',
    'postfix_smtpd_t may not read write a dir labelled default_t',
  ]);
});

test('what was denied before the changes, granted, was to be said to us, or has nothing to do with mail is no finding', t => {
  const log = [
    denied('1699999999.999', 'dovecot_t', 'var_t'),
    denied('1700000100.1', 'httpd_t', 'user_home_t'),
    denied('1700000100.1', 'dovecot_t', 'var_t').replace('denied ', 'granted '),
    denied('1700000100.1', 'postfix_master_t', 'initrc_t').replace('tclass=dir', 'tclass=unix_stream_socket'),
    'type=SYSCALL msg=audit(1700000100.123:410): arch=c000003e syscall=2 success=no subj=system_u:system_r:dovecot_t:s0',
  ].join('\n');
  t.deepEqual(denialsOf(log, 1_700_000_000), []);
});

test('another program that is kept from the mail is one, and so is a line of the kernel in permissive mode', t => {
  const kernel = denied('1700000100.1', 'httpd_t', 'mail_spool_t')
    .replace('type=AVC msg=', 'audit: type=1400 ')
    .replace('permissive=0', 'permissive=1');
  t.deepEqual(denialsOf(kernel, 1_700_000_000), ['httpd_t may not read write a dir labelled mail_spool_t']);
});
