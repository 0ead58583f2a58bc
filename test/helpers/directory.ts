import {bootHost, debianFor, type LabHost, type Release} from '../hosts/host.js';
import {preparedLayers} from '../hosts/layers.js';

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
