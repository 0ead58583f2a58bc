import {firstServer} from './helpers/first-server.js';

// Dovecot 2.3 (Debian 12); first-server-trixie.lab.test.ts asks the same of 2.4.
firstServer({
  name: 'bookworm',
  dovecot: 'dovecot-core',
  certificates: '/etc/ssl/dovetail',
  effective: {
    ssl: 'required',
    ssl_cert: '</etc/ssl/dovetail/server.crt',
    disable_plaintext_auth: 'yes',
    auth_mechanisms: 'plain login',
    auth_username_format: '%Lu',
    mail_location: 'maildir:~/mail',
    mail_privileged_group: '',
    protocols: 'imap lmtp pop3',
  },
});
