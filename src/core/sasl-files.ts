/** Unit of the saslauthd(8) that answers Postfix alone, through its chroot. */
export const saslUnit = 'postfix-saslauthd.service';

/** Files that say how Postfix checks passwords by Cyrus SASL, beside its own. */
export const saslFiles = [
  '/etc/sasl2/smtpd.conf',
  '/etc/pam.d/smtp',
  '/etc/pam.d/smtp.postfix',
  `/etc/systemd/system/${saslUnit}`,
] as const;
