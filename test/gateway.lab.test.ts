import {provesGateway} from './helpers/gateway.js';

// Mailboxes on Debian 12 (Dovecot 2.3), the gateway on Debian 13.
provesGateway({imap: 'bookworm', gateway: 'trixie'});
