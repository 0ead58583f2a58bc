import type {Step} from '../src/core/step.js';
import {auth} from './auth.js';
import {authLdap} from './auth-ldap.js';
import {authPam} from './auth-pam.js';
import {authPasswdfile} from './auth-passwdfile.js';
import {bruteForce} from './brute-force.js';
import {authSql} from './auth-sql.js';
import {clients} from './clients.js';
import {delivery} from './delivery.js';
import {domains} from './domains.js';
import {filter} from './filter.js';
import {firewall} from './firewall.js';
import {hardening} from './hardening.js';
import {ldapLookup} from './ldap-lookup.js';
import {limits} from './limits.js';
import {lmtp} from './lmtp.js';
import {mailboxes} from './mailboxes.js';
import {packages} from './packages.js';
import {protocols} from './protocols.js';
import {relay} from './relay.js';
import {replication} from './replication.js';
import {role} from './role.js';
import {selinux} from './selinux.js';
import {services} from './services.js';
import {sieve} from './sieve.js';
import {signing} from './signing.js';
import {smtp} from './smtp.js';
import {smtpTls} from './smtp-tls.js';
import {spam} from './spam.js';
import {storage} from './storage.js';
import {submission} from './submission.js';
import {tls} from './tls.js';
import {vmail} from './vmail.js';
import {watch} from './watch.js';

/** The sections in the order in which they are asked, planned and shown. */
export const steps = [
  role,
  packages,
  vmail,
  storage,
  auth,
  authPasswdfile,
  authSql,
  authLdap,
  authPam,
  tls,
  protocols,
  mailboxes,
  lmtp,
  sieve,
  replication,
  smtp,
  smtpTls,
  delivery,
  domains,
  submission,
  ldapLookup,
  relay,
  filter,
  signing,
  limits,
  spam,
  hardening,
  firewall,
  bruteForce,
  selinux,
  services,
  watch,
  clients,
] as unknown as readonly Step[];
