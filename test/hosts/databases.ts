import {appendFileSync, cpSync} from 'node:fs';
import {bootHost, type DebianRelease, debianFor, type LabHost, type Release} from './host.js';
import {preparedLayers} from './layers.js';

/** Kinds of database servers that such a host runs. */
export type Server = 'mysql' | 'pgsql';

/** Files of authorities on such a host: the one of its certificate, and another. */
export const authorities = {own: '/etc/ssl/labca.crt', other: '/etc/ssl/otherca.crt'} as const;

/**
 * A bare host of a release with a real MariaDB and a real PostgreSQL, both with TLS by an authority of their own, in the name of
 * db.example.test. `wrong.example.test` is the same machine.
 */
export const bootDatabases = async (release: DebianRelease): Promise<LabHost> => {
  const host = await bootHost({release, layers: await preparedLayers('databases', release, script)});
  appendFileSync(`${host.tree}/etc/hosts`, `${host.address} db.example.test wrong.example.test\n`);
  return host;
};

/** A bare host for a mail server, and the one where its databases are. */
export type WithDatabases = {
  readonly host: LabHost;
  readonly databases: LabHost;
  readonly stop: () => Promise<void>;
};

/**
 * A bare host of a release with the databases, and the files of their authorities. They are one machine, but where the release has no
 * such servers: there they are another's, which the host reaches over the network.
 */
export const bootWithDatabases = async (release: Release): Promise<WithDatabases> => {
  const databases = await bootDatabases(debianFor(release));
  if (release !== 'el9') {
    return {host: databases, databases, stop: databases.stop};
  }

  try {
    const host = await bootHost({release});
    appendFileSync(`${host.tree}/etc/hosts`, `${databases.address} db.example.test wrong.example.test\n`);
    // What comes from there comes from the address of this machine, and a name that is looked up in vain takes its time.
    appendFileSync(
      `${databases.tree}/etc/hosts`,
      `${databases.address.replace(/\d+$/, '1')} mail.example.test\n`,
    );
    for (const path of Object.values(authorities)) {
      cpSync(`${databases.tree}${path}`, `${host.tree}${path}`);
    }

    return {
      host,
      databases,
      stop: async () => {
        await host.stop();
        await databases.stop();
      },
    };
  } catch (error) {
    await databases.stop();
    throw error;
  }
};

/** A database server of a host, told as its own administrator. */
export const tellServer = async (
  host: LabHost,
  server: Server,
  statements: string,
  database = 'postgres',
) => {
  const {exitCode, stdout, stderr} =
    server === 'mysql'
      ? await host.run(
          'mariadb',
          ['--skip-ssl', '--batch', '--skip-column-names', '--default-character-set=utf8mb4'],
          {input: statements},
        )
      : await host.run(
          'runuser',
          ['-u', 'postgres', '--', 'psql', '-qAt', '-v', 'ON_ERROR_STOP=1', database],
          {input: statements},
        );
  if (exitCode !== 0) {
    throw new Error(`${server}: ${stdout}${stderr}`);
  }

  return stdout;
};

/** Lets both servers of a host show a certificate whose time is over; what is returned gives them theirs back, to the second. */
export const letCertificateExpire = async (host: LabHost): Promise<() => Promise<void>> => {
  const sh = async (script: string) => {
    const {exitCode, stdout, stderr} = await host.run('sh', ['-ec', script]);
    if (exitCode !== 0) {
      throw new Error(stdout + stderr);
    }
  };
  const sign =
    'openssl x509 -req -in db.csr -CA labca.crt -CAkey labca.key -set_serial 77 -extfile ext -out /tmp/old.crt';
  // Older ones cannot be told dates, and newer ones take no end before the beginning.
  await sh(`cd /etc/ssl
${sign} -not_before 20200101000000Z -not_after 20200201000000Z || ${sign} -days -1
for at in ${places}; do cp -p "$at" "/tmp/good-$(stat -c %U "$at").crt"; cat /tmp/old.crt > "$at"; done
systemctl restart mariadb postgresql`);
  return async () =>
    sh(
      `for at in ${places}; do cp -p "/tmp/good-$(stat -c %U "$at").crt" "$at"; done; systemctl restart mariadb postgresql`,
    );
};

const places = '/etc/mysql/tls/db.crt /etc/postgresql/*/main/db.crt';

/** All that the servers of a host hold, users and their rights too, as text that can be compared. */
export const contentOf = async (host: LabHost): Promise<readonly string[]> => {
  const dumps = await Promise.all([
    host.run('mariadb-dump', [
      ...['--skip-ssl', '--all-databases', '--system=users', '--skip-dump-date', '--skip-comments'],
      // What the server itself counts.
      ...['--ignore-table=mysql.innodb_table_stats', '--ignore-table=mysql.innodb_index_stats'],
      '--ignore-table=mysql.transaction_registry',
      '--ignore-table=mysql.gtid_slave_pos',
    ]),
    host.run('runuser', ['-u', 'postgres', '--', 'pg_dumpall', '--restrict-key=lab']),
    host.run('runuser', ['-u', 'postgres', '--', 'pg_dumpall']),
  ]);
  const [mysql, pgsql, older] = dumps;
  // Since the versions of August 2025 a dump has a key of chance in it, unless one is named.
  const last = pgsql?.exitCode === 0 ? pgsql : older;
  for (const dump of [mysql, last]) {
    if (dump === undefined || dump.exitCode !== 0) {
      throw new Error(dump?.stderr);
    }
  }

  return [mysql?.stdout ?? '', last?.stdout ?? ''].flatMap(text => text.split('\n'));
};

// tzdata is configured anew. The services stop before the tree is kept.
const script = `set -e
ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime; echo Etc/UTC > /etc/timezone
export DEBIAN_FRONTEND=noninteractive
apt-get -q update; apt-get -q install -y --no-install-recommends mariadb-server postgresql openssl perl
cd /etc/ssl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout labca.key -out labca.crt -days 3650 -subj /CN=Lab -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out otherca.crt -days 3650 -subj /CN=Other
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout db.key -out db.csr -subj /CN=db.example.test
printf 'subjectAltName=DNS:db.example.test\\n' > ext
openssl x509 -req -in db.csr -CA labca.crt -CAkey labca.key -CAcreateserial -out db.crt -days 3650 -extfile ext
install -d -o mysql -m 0700 /etc/mysql/tls; install -o mysql -m 0600 db.crt db.key /etc/mysql/tls
printf '[mysqld]\\nssl_cert=/etc/mysql/tls/db.crt\\nssl_key=/etc/mysql/tls/db.key\\nbind-address=0.0.0.0\\n' > /etc/mysql/mariadb.conf.d/99-lab.cnf
d=$(echo /etc/postgresql/*/main); install -o postgres -m 0600 db.crt db.key $d
printf "ssl_cert_file='%s/db.crt'\\nssl_key_file='%s/db.key'\\nlisten_addresses='*'\\n" $d $d >> $d/postgresql.conf
echo 'hostssl all all 0.0.0.0/0 scram-sha-256' >> $d/pg_hba.conf
systemctl restart mariadb postgresql
mariadb --skip-ssl -e 'SELECT 1'
runuser -u postgres -- psql -qAtc 'SELECT 1'
systemctl stop mariadb postgresql
`;
