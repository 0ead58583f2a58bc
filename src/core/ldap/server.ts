import type {SecretRef} from '../secret.js';

/** How far below the base people are looked for. */
export type LdapScope = 'subtree' | 'onelevel';

/** A directory that is asked, and how. */
export type LdapServer = {
  /** `ldap://` and `ldaps://`, in the order in which they are tried. */
  readonly uris: readonly string[];
  /** Whether `ldap://` goes on by STARTTLS. */
  readonly starttls: boolean;
  /** File with the authorities that the server's certificate must come from. */
  readonly ca: string;
  /** Distinguished name below which people are. */
  readonly base: string;
  readonly scope: LdapScope;
  /** Who asks; without it nobody in particular does (anonymous). */
  readonly bind?: {readonly dn: string; readonly password: SecretRef};
};

export type LdapUri = {readonly tls: boolean; readonly host: string; readonly port: number};

/** Reads a URI of the two kinds that are taken (RFC 4516); a name, a password or a search in it is refused. */
export const parseLdapUri = (uri: string): LdapUri | undefined => {
  const [, scheme, host, port] =
    /^(ldaps?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?\/?$/.exec(
      uri,
    ) ?? [];
  const tls = scheme === 'ldaps';
  const number = port === undefined ? (tls ? 636 : 389) : Number(port);
  return host === undefined || number < 1 || number > 65_535
    ? undefined
    : {tls, host: host.replaceAll(/[[\]]/g, ''), port: number};
};

/** Whether nothing of what is said there can be read on the way. */
export const isPrivate = ({tls, host}: LdapUri, starttls: boolean) =>
  tls || starttls || /^(?:127\.[\d.]+|::1|localhost)$/.test(host);
