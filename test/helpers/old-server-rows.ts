import type {ExecutionContext} from 'ava';
import {attachmentRules} from '../../templates/attachments.js';
import {rcpt, sendOut, submit} from '../hosts/clients.js';
import {until} from '../hosts/until.js';
import {type OldServer, people} from './old-server.js';

const karl = 'karl@old.example.test';
const berta = 'berta@old.example.test';

/** One section with one answer or two, what of all that is in force changes by it, and the files in which it stands. */
export type Row = {
  readonly section: string;
  readonly title: string;
  readonly said: string;
  readonly lines: (server: OldServer) => readonly string[];
  readonly files: readonly string[];
  readonly proof?: (t: ExecutionContext, server: OldServer) => Promise<void>;
};

const sends = (service: string) =>
  [
    `syslog_name = postfix/${service}`,
    'smtpd_tls_auth_only = yes',
    'smtpd_sasl_type = dovecot',
    'smtpd_sasl_path = private/auth',
    'smtpd_sasl_security_options = noanonymous',
    'smtpd_sender_restrictions = reject_sender_login_mismatch',
    'smtpd_relay_restrictions = permit_sasl_authenticated,reject',
    'smtpd_recipient_restrictions =',
  ].map(option => `+ ${service}/inet/${option}`);

/** Each section of Postfix’s that can change something here without another server. */
export const rows: readonly Row[] = [
  {
    section: 'smtp',
    title: 'another size of messages is one line',
    said: 'message_size_limit: 10485760',
    lines: () => ['- message_size_limit = 5242880', '+ message_size_limit = 10485760'],
    files: ['main.cf'],
  },
  {
    section: 'smtp',
    title: 'what it never said before, and with it all of the section: strangers’ mail and networks too',
    said: `admin: ${karl}`,
    lines: ({users}) => {
      const services = users().filter(({name, uid}) => name !== 'root' && (uid < 1000 || uid > 60_000));
      return [
        '- mynetworks_style = host',
        '- mynetworks = 127.0.0.0/8 10.99.0.7/32 [::1]/128',
        '+ mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128 10.99.0.7/32',
        '+ smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated reject_unauth_destination',
        '- aliases: root: karl',
        `+ aliases: root: ${karl}`,
        '+ aliases: abuse: root',
        ...services.map(({name}) => `+ aliases: ${name}: root`),
      ];
    },
    files: ['aliases', 'aliases.db', 'main.cf'],
    proof: async (t, {host, arrives}) => {
      await host.run('/usr/sbin/sendmail', ['-f', karl, 'www-data'], {input: 'Subject: a disk\n\nFull.\n'});
      t.true(await arrives('a disk'));
    },
  },
  {
    section: 'smtp-tls',
    title: 'a dead setting gives way to the one that works',
    said: 'inbound: may',
    lines: () => [
      '- smtpd_use_tls = yes',
      '+ smtpd_tls_security_level = may',
      '+ smtpd_tls_protocols = >=TLSv1.2',
      '+ smtpd_tls_mandatory_protocols = >=TLSv1.2',
      '+ smtp_tls_security_level = may',
      '+ smtp_tls_loglevel = 1',
    ],
    files: ['main.cf'],
  },
  {
    section: 'delivery',
    title: 'Dovecot puts mail where Postfix put it',
    said: 'to: dovecot',
    lines: () => ['+ mailbox_transport = lmtp:unix:private/dovecot-lmtp'],
    files: ['main.cf'],
    proof: async (t, {host, arrives}) => {
      t.is(await sendOut(host.address, {to: karl, subject: 'by LMTP'}), '250');
      t.true(await arrives('by LMTP'));
      t.is(await rcpt(host.address, 'nobody-at-all@old.example.test'), '550');
    },
  },
  {
    section: 'submission',
    title: 'another port, and only in one’s own name, on both',
    said: "ports: ['587', '465'], sender_must_match: true",
    lines: () => [
      '+ smtpd_sender_login_maps = regexp:/etc/postfix/sender_login',
      `+ sender_login: /^([^@+]+)(\\+[^@]*)?@(old\\.example\\.test|post\\.old\\.example\\.test)$/ $\{1}`,
      ...sends('submission'),
      '+ submissions inet n - y - - smtpd',
      ...sends('submissions'),
      '+ submissions/inet/smtpd_tls_wrappermode = yes',
      '+ submissions/inet/smtpd_sasl_auth_enable = yes',
      '+ submissions/inet/smtpd_client_restrictions = permit_sasl_authenticated,reject',
      '+ submissions/inet/milter_macro_daemon_name = ORIGINATING',
    ],
    files: ['main.cf', 'master.cf', 'sender_login'],
    proof: async (t, {host, arrives}) => {
      const send = async (from: string, subject: string) =>
        submit(host.address, people.karl, {from, to: karl, subject});
      t.is(await send(karl, 'by 465'), 'sent');
      t.true(await arrives('by 465'));
      t.regex(await send(berta, 'forged'), /553/);
    },
  },
  {
    section: 'relay',
    title: 'another port of the relay, and one domain goes straight to its server',
    said: 'port: 2526, exceptions: [far.test=direct]',
    lines: ({beside}) => [
      `- relayhost = [${beside}]:2525`,
      `+ relayhost = [${beside}]:2526`,
      '+ transport: far.test exception:',
      '+ exception unix - - y - - smtp',
      '+ exception/unix/syslog_name = postfix/exception',
      '+ exception/unix/smtp_tls_security_level = may',
      '+ exception/unix/smtp_tls_wrappermode = no',
    ],
    files: ['main.cf', 'master.cf', 'transport', 'transport.db'],
    proof: async (t, {host, relay}) => {
      await host.run('/usr/sbin/sendmail', ['-f', karl, 'a@world.test'], {input: 'Subject: out\n\nWords.\n'});
      t.true(await until(async () => relay.taken.includes('2526 a@world.test')));
    },
  },
  {
    section: 'domains',
    title: 'another domain with an alias, and one alias less; rows that no answer can hold stay',
    said: `also: [club.test, chess.test, choir.test], aliases: [info@old.example.test=${karl}, info@old.example.test=${berta}, board@club.test=${karl}, songs@choir.test=${berta}]`,
    lines: () => [
      '- virtual_alias_domains = club.test, chess.test',
      '+ virtual_alias_domains = club.test, chess.test, choir.test',
      `- virtual: former@club.test ${karl}`,
      `+ virtual: songs@choir.test ${berta}`,
    ],
    files: ['main.cf', 'virtual', 'virtual.db'],
    proof: async (t, {host}) => {
      for (const [name, code] of [
        ['songs@choir.test', '250'],
        ['all@club.test', '250'],
        ['former@club.test', '550'],
        ['nobody@choir.test', '550'],
      ] as const) {
        t.is(await rcpt(host.address, name), code, name);
      }
    },
  },
  {
    section: 'limits',
    title: 'a limit of theirs is another one, and one is new',
    said: 'connection_rate: 120, header_size: 51200',
    lines: () => [
      '- smtpd_client_connection_rate_limit = 300',
      '+ smtpd_client_connection_rate_limit = 120',
      '+ header_size_limit = 51200',
    ],
    files: ['main.cf'],
  },
  {
    section: 'spam',
    title: 'rules, exceptions and patterns join those that are there',
    said: "helo: [invalid, short], access: ['client:192.0.2.7=REJECT'], headers: ['/^From:.*<#.*@.*>/ REJECT', '/^Return-Path:.*<#.*@.*>/ REJECT', '/^Subject:.*lottery/ REJECT no thanks']",
    lines: () => [
      '- smtpd_client_restrictions = permit_mynetworks, reject_non_fqdn_sender, reject_non_fqdn_recipient, check_client_access hash:/etc/postfix/access, permit',
      '+ smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated, check_client_access hash:/etc/postfix/access_client, reject_non_fqdn_sender, reject_non_fqdn_recipient, check_client_access hash:/etc/postfix/access, permit',
      '- smtpd_helo_restrictions = permit_mynetworks, check_helo_access hash:/etc/postfix/access, reject_invalid_hostname, permit',
      '+ smtpd_helo_restrictions = permit_mynetworks, permit_sasl_authenticated, check_helo_access hash:/etc/postfix/access, reject_invalid_hostname, reject_non_fqdn_helo_hostname, permit',
      '+ access_client: 192.0.2.7 REJECT',
      '+ header_checks: /^Subject:.*lottery/ REJECT no thanks',
    ],
    files: ['access_client', 'access_client.db', 'header_checks', 'main.cf'],
    proof: async (t, {host}) => {
      t.is(await sendOut(host.address, {to: karl, subject: 'You won the lottery'}), '550');
      t.is(await sendOut(host.address, {to: karl, subject: 'You won nothing'}), '250');
    },
  },
  {
    section: 'filter',
    title: 'attachments that are programs have a table of their own',
    said: 'attachments: true, endings: [exe, js]',
    lines: () => [
      '+ mime_header_checks = $header_checks regexp:/etc/postfix/dovetail_attachments',
      `+ dovetail_attachments: ${attachmentRules(['exe', 'js']).split('\n')[1]}`,
    ],
    files: ['dovetail_attachments', 'main.cf'],
  },
  {
    section: 'hardening',
    title: 'nobody asks for addresses, and one account is for mail only',
    said: 'disable_vrfy: true, nologin_accounts: [berta]',
    lines: () => [
      '- disable_vrfy_command = no',
      '+ disable_vrfy_command = yes',
      '- passwd: berta /bin/bash',
      '+ passwd: berta /usr/sbin/nologin',
    ],
    files: ['main.cf'],
  },
  {
    section: 'brute-force',
    title: 'guessing is slowed down',
    said: 'how: limits, rate: 20',
    lines: () => ['+ smtpd_client_auth_rate_limit = 20'],
    files: ['main.cf'],
  },
  {
    section: 'signing',
    title: 'the signer comes after the filter that is there',
    said: 'sign: true',
    lines: ({beside}) => {
      const signer = '{ unix:opendkim/opendkim.sock, default_action=accept }';
      const scanner = `inet:${beside}:8899`;
      return [
        `- smtpd_milters = ${scanner}`,
        `+ smtpd_milters = ${scanner} ${signer}`,
        `+ non_smtpd_milters = ${signer}`,
        '+ passwd: opendkim /usr/sbin/nologin',
      ];
    },
    files: ['main.cf'],
  },
];
