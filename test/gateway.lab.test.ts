import {provesGateway} from './helpers/gateway.js';
import {askedRelease} from './hosts/host.js';

// Mailboxes on Debian 12 (Dovecot 2.3), the gateway on Debian 13; or both on the release that is asked for.
provesGateway({imap: askedRelease ?? 'bookworm', gateway: askedRelease ?? 'trixie'});
