import {createHash, randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {bootHost, debianFor, type LabHost, type Release} from '../hosts/host.js';
import {preparedLayers} from '../hosts/layers.js';
import {oddPasswords} from './odd-passwords.js';

/** The directory’s account for the mail server. Its password has what the dialects treat specially. */
export const service = {
  dn: 'cn=mail,ou=services,dc=example,dc=test',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not be taken for Postfix's own syntax.
  password: 'pa"ss\\w$x ${y} #1 %u%%{user} <é\'',
};

/** People of the directory; the first has a password of the same kind. */
export const people = {
  anna: {user: 'anna@example.test', pass: 'o\'dd "p\\w $z %n #é{'},
  berta: {user: 'berta@example.test', pass: 'correct-horse-battery'},
} as const;

export const directoryName = 'ldap.example.test';
/** File of the authority on the directory's host; tests copy it to where the mail server has it. */
export const authority = '/etc/ldap/tls/ca.crt';

/**
 * Boots a real slapd beside a mail server of a release, with a certificate of its own authority, on 389 (STARTTLS) and 636. It shows entries to the mail server's
 * account alone; `twin@example.test` stands in two entries, and `evil` would speak to a terminal.
 */
export const bootDirectory = async (release: Release, passwords: Passwords = usual): Promise<LabHost> =>
  bootHost({
    release: debianFor(release),
    hostname: directoryName,
    layers: await preparedLayers('directory', debianFor(release), script, {
      '/root/directory.ldif': entries(passwords),
      '/root/slapd.conf': configuration,
    }),
  });

/** Below here a directory that was taught them has people as Active Directory describes them. */
export const company = 'ou=company,dc=example,dc=test';

/** The first is in use; the second is switched off there; the others have odd passwords. */
export const staff = {
  anna: {user: 'anna@example.test', pass: 'another-horse-battery'},
  dora: {user: 'dora@example.test', pass: 'staple-horse-battery'},
  odd: oddPasswords.map((pass, at) => ({user: `odd${at}@example.test`, pass})),
} as const;

/** Accounts of services that may see less than they would need, all with one password. */
export const readers = {
  /** Nothing at all: not even whether an entry is there. */
  blind: 'cn=blind,ou=services,dc=example,dc=test',
  /** That there is something which it may not read. */
  barred: 'cn=barred,ou=services,dc=example,dc=test',
  /** The entry that people are below, and none of the people. */
  door: 'cn=door,ou=services,dc=example,dc=test',
  password: 'reader-battery-horse',
} as const;

/**
 * Teaches a running directory all of that; from then on it hears nothing in clear but the wish for STARTTLS. Returns its slapd.conf(5)
 * as it is then.
 */
export const teachDirectory = async (directory: LabHost): Promise<string> => {
  const usual = readFileSync(`${directory.tree}/etc/ldap/slapd.conf`, 'utf8');
  const taught = usual
    .replace('modulepath', 'include /etc/ldap/schema/company.schema\nsecurity ssf=128\nmodulepath')
    .replace(
      /^access to \* .*$/m,
      `access to dn.exact="ou=people,dc=example,dc=test" by dn.exact="${service.dn}" read by dn.exact="${readers.door}" read by dn.exact="${readers.barred}" disclose by * none
access to * by dn.exact="${service.dn}" read by dn.exact="${readers.barred}" disclose by * none`,
    );
  directory.write('/etc/ldap/schema/company.schema', companySchema);
  directory.write('/root/more.ldif', moreEntries(), 0o600);
  await must(directory, 'systemctl', 'stop', 'slapd');
  directory.write('/etc/ldap/slapd.conf', taught);
  await must(directory, 'slapadd', '-f', '/etc/ldap/slapd.conf', '-l', '/root/more.ldif');
  await must(directory, 'chown', '-R', 'openldap:openldap', '/var/lib/ldap');
  await must(directory, 'systemctl', 'start', 'slapd');
  return taught;
};

/** Lets it start again by another slapd.conf(5). */
export const configureDirectory = async (directory: LabHost, text: string): Promise<void> => {
  await must(directory, 'systemctl', 'stop', 'slapd');
  directory.write('/etc/ldap/slapd.conf', text);
  await must(directory, 'systemctl', 'start', 'slapd');
};

/** A certificate of the same authority and for the same name whose time is over. */
export const expiredCertificate = async (directory: LabHost): Promise<string> => {
  const sign = 'openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 77 -extfile ext';
  await must(
    directory,
    'sh',
    '-c',
    // Older ones cannot be told dates, and newer ones take no end before the beginning.
    `cd /etc/ldap/tls && { ${sign} -not_before 20200101000000Z -not_after 20200201000000Z -out expired.crt || ${sign} -days -1 -out expired.crt; }`,
  );
  return '/etc/ldap/tls/expired.crt';
};

const must = async (host: LabHost, file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file}: ${stdout}${stderr}`);
  }
};

// What the usual filter for Active Directory asks for. There the category is a name that the server shortens; here it is the short one.
const companySchema = `attributetype ( 1.1.2.1.1 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.1.2.1.2 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.1.2.1.3 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.1.2.1.4 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.1.2.2.1 NAME 'user' SUP organizationalPerson STRUCTURAL MUST sAMAccountName MAY ( mail $ userPrincipalName $ userAccountControl $ objectCategory ) )
`;

const moreEntries = () =>
  [
    ...[readers.blind, readers.barred, readers.door].map(
      dn =>
        `dn: ${dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: ${dn.slice(3, dn.indexOf(','))}\nuserPassword:: ${base64(readers.password)}\n`,
    ),
    `dn: ${company}\nobjectClass: organizationalUnit\nou: company\n`,
    colleague(staff.anna, 512),
    // ACCOUNTDISABLE is bit 2.
    colleague(staff.dora, 512 + 2),
    ...staff.odd.map(one => colleague(one, 512)),
  ].join('\n');

const colleague = ({user, pass}: {readonly user: string; readonly pass: string}, control: number) => {
  const name = user.slice(0, user.indexOf('@'));
  return [
    `dn: cn=${name} of the company,${company}`,
    'objectClass: user',
    `cn: ${name} of the company`,
    'sn: lab',
    `sAMAccountName: ${name}`,
    `userPrincipalName: ${user}`,
    `mail: ${user}`,
    'objectCategory: person',
    `userAccountControl: ${control}`,
    // As a hash: a password in clear that looks like a scheme would be taken for one (slapd.conf(5), password-hash).
    `userPassword:: ${base64(saltedHash(pass))}`,
    '',
  ].join('\n');
};

const saltedHash = (password: string) => {
  const salt = randomBytes(8);
  return `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64')}`;
};

/** Passwords of the mail server's account and of its first person. */
type Passwords = {readonly service: string; readonly anna: string};

const usual: Passwords = {service: service.password, anna: people.anna.pass};

const base64 = (text: string) => Buffer.from(text).toString('base64');

const person = (uid: string, mail: readonly string[], password: string) =>
  [
    `dn: uid=${uid},ou=people,dc=example,dc=test`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn:: ${base64(`${uid}\u001b]52;c;ZXZpbA==\u0007`)}`,
    'sn: lab',
    ...mail.map(address => `mail: ${address}`),
    `userPassword:: ${base64(password)}`,
    '',
  ].join('\n');

const entries = (passwords: Passwords) =>
  [
    'dn: dc=example,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: lab\ndc: example\n',
    'dn: ou=services,dc=example,dc=test\nobjectClass: organizationalUnit\nou: services\n',
    'dn: ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: people\n',
    'dn: ou=lists,dc=example,dc=test\nobjectClass: organizationalUnit\nou: lists\n',
    `dn: ${service.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: mail\nuserPassword:: ${base64(passwords.service)}\n`,
    person('anna', ['anna@example.test'], passwords.anna),
    person('berta', ['berta@example.test'], people.berta.pass),
    person('twin1', ['twin@example.test'], 'one-of-two-people'),
    person('twin2', ['twin@example.test'], 'one-of-two-people'),
    'dn: cn=team,ou=lists,dc=example,dc=test\nobjectClass: nisMailAlias\ncn: team\nrfc822MailMember: anna@example.test\nrfc822MailMember: berta@example.test\n',
  ].join('\n');

const configuration = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/misc.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile /run/slapd/slapd.pid
TLSCACertificateFile /etc/ldap/tls/ca.crt
TLSCertificateFile /etc/ldap/tls/server.crt
TLSCertificateKeyFile /etc/ldap/tls/server.key
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${service.dn}" read by * none
database mdb
suffix dc=example,dc=test
rootdn cn=admin,dc=example,dc=test
directory /var/lib/ldap
index objectClass,mail,uid eq
`;

const script = `set -e
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
apt-get update -q
apt-get install -qy --no-install-recommends slapd openssl
rm /usr/sbin/policy-rc.d
mkdir -p /etc/ldap/tls
cd /etc/ldap/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 3650 -subj '/CN=Lab directory CA' -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj '/CN=${directoryName}'
printf 'subjectAltName=DNS:${directoryName}' > ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile ext -out server.crt
chown openldap server.key
rm -rf /var/lib/ldap/* /etc/ldap/slapd.d
install -o openldap -m 0600 /root/slapd.conf /etc/ldap/slapd.conf
slapadd -f /etc/ldap/slapd.conf -l /root/directory.ldif
chown -R openldap:openldap /var/lib/ldap
sed -i 's#^SLAPD_CONF=.*#SLAPD_CONF=/etc/ldap/slapd.conf#; s#^SLAPD_SERVICES=.*#SLAPD_SERVICES="ldap:/// ldaps:///"#' /etc/default/slapd
systemctl restart slapd
systemctl stop slapd
`;
