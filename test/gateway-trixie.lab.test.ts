import {provesGateway} from './helpers/gateway.js';

// Mailboxes on Debian 13 (Dovecot 2.4), the gateway on Debian 12.
provesGateway({imap: 'trixie', gateway: 'bookworm'});
