/** What the two files of the replication are filled with. */
export type ReplicationValues = {
  /** Name of the other server. */
  readonly partner: string;
  readonly port: number;
  /** How many mailboxes are synchronised at a time. */
  readonly connections: number;
  /** Who owns the mail: the replicator's sockets are that user's. */
  readonly user: string;
  readonly tls: boolean;
};

/** Where the secrets and the certificate of a pair are. */
export const replicationPaths = {
  settings: '/etc/dovecot/conf.d/10-replication.conf',
  tls: '/etc/dovecot/conf.d/11-replication-tls.conf',
  password: '/etc/dovecot/replication-password.conf',
  certificate: '/etc/dovecot/replication.crt',
  key: '/etc/dovecot/replication.key',
} as const;

/**
 * `10-replication.conf` of Dovecot 2.3 (Replication, dsync). It is read before the protocols' own lists of plug-ins, which build on
 * this one. The password stands in a file of root's alone, which others pass over: where this whole file is closed to them, no
 * program that reads the configuration works for anybody but root (dovecot-lda(1), doveadm(1); seen with 2.3.19).
 */
export const replicationConf = ({partner, port, connections, user, tls}: ReplicationValues) =>
  `# Replication with ${partner}. Written by dovetail ("dovetail replication" changes it).
mail_plugins = $mail_plugins notify replication

service replicator {
  process_min_avail = 1
  unix_listener replicator-doveadm {
    mode = 0600
    user = ${user}
  }
}

service aggregator {
  fifo_listener replication-notify-fifo {
    user = ${user}
  }
  unix_listener replication-notify {
    user = ${user}
  }
}

service doveadm {
  inet_listener replication {
    port = ${port}
    ssl = ${tls ? 'yes' : 'no'}
  }
}

plugin {
  mail_replica = ${tls ? 'tcps' : 'tcp'}:${partner}:${port}
}

replication_max_conns = ${connections}

# The password of the pair, which only root can read.
!include_try ${replicationPaths.password}
`;

/** The pair's own certificate, for this service alone. It is read after 10-ssl.conf, whose settings would come after it otherwise. */
export const replicationTlsConf = `# The certificate of the pair, for replication alone. Written by dovetail.
protocol doveadm {
  ssl_cert = <${replicationPaths.certificate}
  ssl_key = <${replicationPaths.key}
  ssl_client_ca_file = ${replicationPaths.certificate}
  ssl_client_ca_dir =
}
`;
