/**
 * A main.cf in the way of documents that have been handed on for years: lists over several lines with comments in between, settings
 * that are dead, one table for several lookups, passwords on port 25 too. `beside`: where its relay and its filter are.
 */
export const mainCf = (
  beside: string,
) => `# post.old.example.test -- Karl, 2013 (CentOS); moved to Debian in 2021
#   Do not touch without asking!
compatibility_level = 3.6

myhostname = post.old.example.test
mydomain = old.example.test
myorigin = /etc/mailname
inet_interfaces = all
inet_protocols = all
mydestination = $myhostname, localhost.$mydomain,
\tlocalhost, old.example.test

# one server only, so "host"
#mynetworks_style = subnet
mynetworks_style = host
mynetworks = 127.0.0.0/8
\t# the printer on the second floor
\t10.99.0.7/32
\t[::1]/128

# OP25B: all through the provider; the partner is reached over the line of our own
relayhost = [${beside}]:2525
transport_maps = hash:/etc/postfix/transport

home_mailbox = Maildir/
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
virtual_alias_domains = club.test, chess.test
virtual_alias_maps = hash:/etc/postfix/virtual

smtpd_banner = $myhostname ESMTP
mailbox_size_limit = 209715200
   # 5 MB are enough for everybody
message_size_limit = 5242880

## against floods (2.9.2)
default_process_limit=50
smtpd_client_connection_rate_limit=300
anvil_rate_time_unit = 2m

disable_vrfy_command = no
smtpd_helo_required = yes
smtpd_client_restrictions =
    permit_mynetworks,
    # since the bounces of 2019
    reject_non_fqdn_sender,
    reject_non_fqdn_recipient,
    check_client_access hash:/etc/postfix/access,
    permit
smtpd_helo_restrictions =
    permit_mynetworks,
    check_helo_access hash:/etc/postfix/access,
    reject_invalid_hostname,
    permit
smtpd_sender_restrictions =
    permit_mynetworks,
    check_sender_access hash:/etc/postfix/access,
    reject_non_fqdn_sender
smtpd_recipient_restrictions =
    permit_mynetworks,
    permit_sasl_authenticated,
    permit_auth_destination,
    reject
header_checks = regexp:/etc/postfix/header_checks
body_checks = regexp:/etc/postfix/body_checks

# Berta's scanner
smtpd_milters = inet:${beside}:8899
milter_default_action = accept

### SASL ###
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = $mydomain
broken_sasl_auth_clients = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
### TLS ###
smtpd_use_tls = yes
smtpd_tls_auth_only = yes
smtpd_tls_cert_file=/etc/ssl/old/fullchain.pem
smtpd_tls_key_file=/etc/ssl/old/privkey.pem
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtp_tls_CApath = /etc/ssl/certs
`;

/** The end of its master.cf. */
export const submission = `
# ---- people send here (Karl) ----
submission inet n       -       y       -       -       smtpd
#  -o smtpd_enforce_tls=yes
  -o smtpd_tls_security_level=encrypt
  # not on port 25 one day
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o milter_macro_daemon_name=ORIGINATING
`;

/** Its tables, by name in /etc/postfix. */
export const tables = {
  access:
    '# OK and REJECT, for hosts and senders alike\n1.2.3   REJECT\n1.2.3.4\tOK\nnews.example.net  REJECT\n',
  body_checks: '# from the manual\n/^(|[^>].*)casino\\.example\\.com/ REJECT\n',
  header_checks: '# from the manual\n/^From:.*<#.*@.*>/ REJECT\n/^Return-Path:.*<#.*@.*>/ REJECT\n',
  transport: '# the partner, over the line\npartner.test   smtp:[10.99.0.9]\n',
  virtual: `# Run postmap afterwards!!
info@old.example.test      karl@old.example.test,   berta@old.example.test
# the club (until 2030)
board@club.test\tkarl@old.example.test
all@club.test   karl@old.example.test,
    berta@old.example.test
former@club.test    karl@old.example.test
`,
};

const dovecot = (own: string) => `## Karl, 2013
${own}
protocols = imap lmtp
listen = *, ::
auth_mechanisms = plain login
first_valid_uid = 1000
ssl = required
ssl_min_protocol = TLSv1.2
service auth {
  # Postfix smtp-auth
  unix_listener /var/spool/postfix/private/auth {
    mode = 0666
    user = postfix
    group = postfix
  }
}
service lmtp {
  unix_listener /var/spool/postfix/private/dovecot-lmtp {
    mode = 0600
    user = postfix
    group = postfix
  }
}
namespace inbox {
  inbox = yes
}
`;
const dovecot23 = `mail_location = maildir:~/Maildir
disable_plaintext_auth = yes
# with or without the domain
auth_username_format = %Ln
ssl_cert = </etc/ssl/old/fullchain.pem
ssl_key = </etc/ssl/old/privkey.pem
passdb {
  driver = pam
}
userdb {
  driver = passwd
}`;
const dovecot24 = `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = ~/Maildir
auth_allow_cleartext = no
# with or without the domain
auth_username_format = %{user | username | lower}
ssl_server {
  cert_file = /etc/ssl/old/fullchain.pem
  key_file = /etc/ssl/old/privkey.pem
}
passdb pam {
}
userdb passwd {
}`;

/** Its dovecot.conf, by dialect. */
export const dovecotConf = {'2.3': dovecot(dovecot23), '2.4': dovecot(dovecot24)};
