import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';

/** An answer of another section; undefined where it was not given. The asking section names the type it was checked for. */
export const answer = <T>(all: AllAnswers, section: string, question: string): T | undefined =>
  all[section]?.[question] as T | undefined;

/** What this machine shall do. */
export const kindOf = (all: AllAnswers) =>
  answer<'complete' | 'dovecot-only' | 'postfix-only' | 'null-client'>(all, 'role', 'kind') ?? 'complete';

/** Whether it receives mail for its domains, to keep it or to hand it to the Dovecot of another host. */
export const isServer = (all: AllAnswers) => ['complete', 'postfix-only'].includes(kindOf(all));

/** Whether the mailboxes are on another host. */
export const isGateway = (all: AllAnswers) => kindOf(all) === 'postfix-only';

/** Whether people read mail here. */
export const hasDovecot = (all: AllAnswers) => ['complete', 'dovecot-only'].includes(kindOf(all));

/** Whether Postfix is set up; where it is not, nothing of it is touched. */
export const hasPostfix = (all: AllAnswers) => kindOf(all) !== 'dovecot-only';

export const hostnameOf = (all: AllAnswers) => answer<string>(all, 'role', 'hostname') ?? '';

export const domainsOf = (all: AllAnswers) => answer<readonly string[]>(all, 'role', 'domains') ?? [];

/** First accounts of the list that is kept here. */
export const accountsOf = (all: AllAnswers) =>
  answer<readonly {readonly name: string}[]>(all, 'auth-passwdfile', 'accounts') ?? [];

/** Where the certificate and the key that both servers use are. */
export const tlsFilesOf = (all: AllAnswers, {paths}: Pick<Platform, 'paths'>) => {
  switch (answer<string>(all, 'tls', 'source')) {
    case 'own-files':
      return {
        certificate: answer<string>(all, 'tls', 'certificate') ?? '',
        key: answer<string>(all, 'tls', 'key') ?? '',
      };
    case 'certbot':
    case 'lets-encrypt': {
      const folder = `/etc/letsencrypt/live/${lineageOf(all)}`;
      return {certificate: `${folder}/fullchain.pem`, key: `${folder}/privkey.pem`};
    }

    default:
      return {certificate: `${paths.certificates}/server.crt`, key: `${paths.certificates}/server.key`};
  }
};

/** Name under which certbot(1) keeps the certificate. */
export const lineageOf = (all: AllAnswers) =>
  (answer<string>(all, 'tls', 'source') === 'lets-encrypt'
    ? answer<string>(all, 'tls', 'lineage')
    : undefined) ?? hostnameOf(all);

export const mailRootOf = (all: AllAnswers) => answer<string>(all, 'vmail', 'root') ?? '/var/vmail';
export const mailUserOf = (all: AllAnswers) => answer<string>(all, 'vmail', 'user') ?? 'vmail';
export const servicesOf = (all: AllAnswers) =>
  answer<readonly ('imap' | 'pop3')[]>(all, 'protocols', 'services') ?? ['imap'];
/** What knows the passwords of those who send: Dovecot here, Dovecot on another host, this machine's own users; or nobody sends here. */
export const loginOf = (all: AllAnswers): 'socket' | 'tcp' | 'cyrus' | 'none' =>
  !isServer(all)
    ? 'none'
    : isGateway(all)
      ? (answer<'tcp' | 'cyrus' | 'none'>(all, 'submission', 'login') ?? 'none')
      : 'socket';

/** Ports that people send by. */
export const submissionPortsOf = (all: AllAnswers): readonly ('587' | '465')[] =>
  loginOf(all) === 'none'
    ? []
    : (answer<readonly ('587' | '465')[]>(all, 'submission', 'ports') ?? ['587', '465']);
export const isTlsOnly = (all: AllAnswers) =>
  answer<string>(all, 'protocols', 'ports') !== 'tls-and-starttls';

/** Whether mail is sorted as it arrives. */
export const hasSieve = (all: AllAnswers) =>
  hasDovecot(all) && answer<boolean>(all, 'sieve', 'filter') === true;

/** Whether people may put up rules of their own for that. */
export const hasManageSieve = (all: AllAnswers) =>
  hasSieve(all) && (answer<boolean>(all, 'sieve', 'managesieve') ?? true);

/** Whether mail that was tagged as spam is put into the folder for it. */
export const hasSpamFolder = (all: AllAnswers) =>
  hasSieve(all) && (answer<boolean>(all, 'sieve', 'junk') ?? true);

/** Whether other hosts hand mail over by LMTP. */
export const hasNetworkLmtp = (all: AllAnswers) =>
  hasDovecot(all) && answer<boolean>(all, 'lmtp', 'network') === true;
