/** Ports that people log in on. Who guesses on one of them is kept from all. */
const ports = [110, 143, 465, 587, 993, 995, 4190];

/**
 * What a failed login looks like in Dovecot's log, as fail2ban's filters have it (jail.conf(5)). The one that is packaged knows the words
 * of 2.3 alone: with 2.4 it counts nothing, without a word (seen with fail2ban 1.1.0). Both ends are bound, and no angle bracket may stand
 * in a user's name: it could pass for an address otherwise.
 */
export const dovecotFilter = `# Failed logins of Dovecot 2.3 and 2.4, by IMAP, POP3 and ManageSieve.
[INCLUDES]
before = common.conf

[Definition]
_daemon = dovecot
prefregex = ^%(__prefix_line)s(?:imap|pop3|managesieve|submission)-login: <F-CONTENT>.+</F-CONTENT>$
failregex = ^[^<>]*\\((?:auth failed|tried to use (?:disabled|disallowed) \\S+ auth)[^<>]*: user=<<F-USER>[^<>]*</F-USER>>, (?:method=[^\\s,<>]+, )?rip=<HOST>(?:, [^<>]*)?(?:, session=<[^\\s<>]+>)?\\s*$
ignoreregex =
journalmatch = _SYSTEMD_UNIT=dovecot.service
`;

export type Jails = {
  /** Networks that send without a password. */
  readonly networks: readonly string[];
  /** Addresses of the administrators. */
  readonly never: readonly string[];
  readonly attempts: number;
  readonly minutes: number;
  /** Who takes logins here: each has a jail of its own. */
  readonly dovecot: boolean;
  readonly postfix: boolean;
  /** Whether Debian's jail for SSH comes with the package just now: without this it keeps fail2ban from starting where no log file is. */
  readonly ssh: boolean;
};

/** Our jails (jail.conf(5)), in a file of their own. */
export const jailsText = ({ssh, dovecot, postfix, ...limits}: Jails) =>
  [
    '# Who guesses passwords of mail accounts is kept out for a while. Written by dovetail.\n',
    [...(dovecot ? [dovecotJail(limits)] : []), ...(postfix ? [saslJail(limits)] : [])].join('\n'),
    ssh ? sshd(limits) : '',
  ].join('');

type Limits = Omit<Jails, 'ssh' | 'dovecot' | 'postfix'>;

const dovecotJail = (limits: Limits) => `[dovetail-dovecot]
enabled = true
filter = dovetail-dovecot
journalmatch = _SYSTEMD_UNIT=dovecot.service
${common(limits)}`;

const saslJail = (limits: Limits) => `[dovetail-sasl]
enabled = true
filter = postfix[mode=auth]
journalmatch = _SYSTEMD_UNIT=postfix.service + _SYSTEMD_UNIT=postfix@-.service
${common(limits)}`;

const common = ({networks, never, attempts, minutes}: Limits) => `backend = systemd
port = ${ports.join(',')}
banaction = nftables
maxretry = ${attempts}
findtime = 10m
bantime = ${minutes}m
${ignored({networks, never})}`;

const ignored = ({networks, never}: Pick<Jails, 'networks' | 'never'>) => `networks = ${networks.join(' ')}
never = ${never.join(' ')}
ignoreself = true
ignoreip = 127.0.0.0/8 ::1 %(networks)s %(never)s
`;

const sshd = (to: Pick<Jails, 'networks' | 'never'>) => `
# The distribution's own jail: it reads the journal, and spares the same addresses.
[sshd]
backend = systemd
banaction = nftables
${ignored(to)}`;
