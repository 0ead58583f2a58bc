#!/bin/sh
# The certificate that EL's Dovecot makes itself at its first start.
umask 077
cd /etc/pki/dovecot || exit 1
[ -f certs/dovecot.pem ] && exit 0
openssl req -new -x509 -nodes -config dovecot-openssl.cnf -out certs/dovecot.pem -keyout private/dovecot.pem -days 365 2>/dev/null
