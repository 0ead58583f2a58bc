import {firstServer} from './helpers/first-server.js';

// Dovecot 2.4 (Debian 13): the same answers, the same meaning, other names.
firstServer({
  name: 'trixie',
  dovecot: 'dovecot-core',
  certificates: '/etc/ssl/dovetail',
  effective: {
    ssl: 'required',
    'ssl_server/cert_file': '/etc/ssl/dovetail/server.crt',
    auth_allow_cleartext: 'no',
    auth_mechanisms: 'plain login',
    auth_username_format: '%{user | lower}',
    mail_driver: 'maildir',
    mail_path: '~/mail',
    mail_inbox_path: '~/mail',
    mail_privileged_group: '',
  },
});
