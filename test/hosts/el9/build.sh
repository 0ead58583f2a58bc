#!/bin/sh
# Runs inside a throwaway Debian tree: builds the stand-in's repository into /build/out from Debian's packages and the stock
# configuration in /build/stock.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
here=/build/el9
tree=/build/tree
debs=/build/debs
apt-get -q -y install --no-install-recommends rpm createrepo-c gcc libc6-dev gnupg
mkdir -p $debs $tree /build/out/repo /build/unpacked
cd $debs
tables="ldap mysql pgsql pcre sqlite lmdb"
apt-get -q download postfix dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-ldap dovecot-sqlite \
  dovecot-sieve dovecot-managesieved dovecot-mysql dovecot-pgsql sasl2-bin $(printf 'postfix-%s ' $tables)
for deb in *.deb; do dpkg-deb -x "$deb" "/build/unpacked/${deb%%_*}"; done

# name, buildroot, packages: programs and modules only, with a list of them for the spec file.
programs() {
  : >"$tree/$1.files"
  root=$2
  shift 2
  for package in "$@"; do
    (cd "/build/unpacked/$package" && find usr/bin usr/sbin usr/lib -mindepth 1 ! -type d ! -path 'usr/lib/systemd/*' ! -path 'usr/lib/tmpfiles*' ! -path 'usr/lib/networkd-dispatcher/*' ! -path 'usr/lib/resolvconf/*' ! -path 'usr/share/*' 2>/dev/null || :) |
      while read -r file; do
        mkdir -p "$root/${file%/*}"
        cp -a "/build/unpacked/$package/$file" "$root/$file"
        echo "/$file"
      done
  done
}

root=$tree/dovecot
programs dovecot $root dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-ldap dovecot-sqlite >$tree/dovecot.files
programs pigeonhole $root dovecot-sieve dovecot-managesieved >$tree/pigeonhole.files
programs mysql $root dovecot-mysql >$tree/mysql.files
programs pgsql $root dovecot-pgsql >$tree/pgsql.files
mkdir -p $root/etc/pam.d $root/etc/pki/dovecot/certs $root/etc/pki/dovecot/private $root/usr/lib/systemd/system \
  $root/usr/libexec/dovecot $root/usr/lib/tmpfiles.d $root/var/lib/dovecot $root/usr/share/doc/clucene-core
cp -a /build/stock/dovecot $root/etc/dovecot
chmod -R u+w $root/etc/dovecot
find $root/etc/dovecot -type f -exec chmod 0644 {} +
find $root/etc/dovecot -type d -exec chmod 0755 {} +
touch $root/etc/pki/dovecot/certs/dovecot.pem $root/etc/pki/dovecot/private/dovecot.pem $root/var/lib/dovecot/instances
echo "A library that comes along." >$root/usr/share/doc/clucene-core/README
cp $here/dovecot.pam $root/etc/pam.d/dovecot
cp $here/dovecot-openssl.cnf $root/etc/pki/dovecot/dovecot-openssl.cnf
cp $here/dovecot.service $here/dovecot-init.service $root/usr/lib/systemd/system/
install -m 0755 $here/mkcert.sh $root/usr/libexec/dovecot/mkcert.sh
echo 'd /run/dovecot 0755 root dovecot -' >$root/usr/lib/tmpfiles.d/dovecot.conf
cat >>$tree/dovecot.files <<END
/usr/lib/systemd/system/dovecot.service
/usr/lib/systemd/system/dovecot-init.service
/usr/libexec/dovecot/mkcert.sh
/usr/lib/tmpfiles.d/dovecot.conf
%dir /usr/libexec/dovecot
%dir /usr/lib/dovecot
END
(cd $root && find usr/lib/dovecot -mindepth 1 -type d -printf '%%dir /%p\n') >>$tree/dovecot.files

root=$tree/postfix
programs postfix $root postfix | grep -v -e '/usr/sbin/sendmail$' -e '/usr/bin/mailq$' -e '/usr/bin/newaliases$' -e '/usr/sbin/postdrop$' -e '/usr/sbin/postqueue$' >$tree/postfix.files
mv $root/usr/sbin/sendmail $root/usr/sbin/sendmail.postfix
rm -f $root/usr/bin/mailq $root/usr/bin/newaliases
printf '#!/bin/sh\nexec /usr/sbin/sendmail.postfix -bp "$@"\n' >$root/usr/bin/mailq.postfix
printf '#!/bin/sh\nexec /usr/sbin/sendmail.postfix -bi "$@"\n' >$root/usr/bin/newaliases.postfix
chmod 0755 $root/usr/bin/mailq.postfix $root/usr/bin/newaliases.postfix
mkdir -p $root/usr/libexec $root/usr/lib64 $root/etc/pam.d $root/usr/lib/systemd/system $root/var/lib/postfix \
  $root/var/spool/mqueue $root/var/spool/clientmqueue
mv $root/usr/lib/postfix/sbin $root/usr/libexec/postfix
sed -i 's,/usr/lib/postfix/sbin,/usr/libexec/postfix,' $tree/postfix.files
ln -s ../lib/postfix $root/usr/lib64/postfix
for queue in active bounce corrupt defer deferred flush hold incoming saved trace maildrop pid private public; do
  mkdir -p $root/var/spool/postfix/$queue
done
cp -a /build/stock/postfix $root/etc/postfix
chmod -R u+w $root/etc/postfix
find $root/etc/postfix -type f -exec chmod 0644 {} +
chmod 0755 $root/etc/postfix
# Each of these types is a package of its own, which brings the line by which Postfix finds its module (postconf(5), dynamicmaps.cf.d).
known=/build/unpacked/postfix/usr/share/postfix/dynamicmaps.cf
grep '^#' $known >$root/etc/postfix/dynamicmaps.cf
mkdir $root/etc/postfix/dynamicmaps.cf.d
for type in $tables; do
  programs "postfix-$type" $root "postfix-$type" >"$tree/postfix-$type.files"
  grep "^$type[[:blank:]]" $known >"$root/etc/postfix/dynamicmaps.cf.d/$type.cf"
done
find /build/unpacked/postfix -name postfix-files -exec cp {} $root/etc/postfix/postfix-files \;
mkdir $root/etc/sasl2
printf 'pwcheck_method: saslauthd\nmech_list: plain login\n' >$root/etc/sasl2/smtpd.conf
printf '#%%PAM-1.0\nauth       include password-auth\naccount    include password-auth\n' >$root/etc/pam.d/smtp.postfix
cp $here/postfix.service $here/sendmail.service $root/usr/lib/systemd/system/
install -m 0755 $here/aliasesdb $root/usr/libexec/postfix/aliasesdb
install -m 0755 $here/sendmail.sendmail $root/usr/sbin/sendmail.sendmail
ln -s ../sbin/sendmail.sendmail $root/usr/bin/mailq.sendmail
cat >>$tree/postfix.files <<END
/usr/sbin/sendmail.postfix
/usr/bin/mailq.postfix
/usr/bin/newaliases.postfix
/usr/libexec/postfix/aliasesdb
/usr/lib/systemd/system/postfix.service
/usr/lib64/postfix
%dir /usr/libexec/postfix
%dir /usr/lib/postfix
END

root=$tree/cyrus-sasl
mkdir -p $root/usr/sbin $root/etc/sysconfig $root/usr/lib/systemd/system
cp -a /build/unpacked/sasl2-bin/usr/sbin/saslauthd /build/unpacked/sasl2-bin/usr/sbin/testsaslauthd $root/usr/sbin/
printf 'SOCKETDIR=/run/saslauthd\nMECH=pam\nFLAGS=\n' >$root/etc/sysconfig/saslauthd
cp $here/saslauthd.service $root/usr/lib/systemd/system/

printf '%%__gpg /usr/bin/gpg\n%%_gpg_name stand-in\n%%_dbpath /var/lib/rpm\n' >/root/.rpmmacros
printf 'Key-Type: RSA\nKey-Length: 2048\nName-Real: stand-in\nName-Email: stand-in@example.test\nExpire-Date: 0\n%%no-protection\n%%commit\n' | gpg --batch --generate-key
for spec in base dovecot postfix cyrus-sasl; do
  rpmbuild --quiet -bb --define '_topdir /build/rpm' --define '_build_id_links none' --define 'dist .el9' "$here/$spec.spec"
done
find /build/rpm/RPMS -name '*.rpm' -exec rpmsign --addsign {} +
mkdir -p /build/out/base
find /build/rpm/RPMS -name '*.rpm' -exec cp {} /build/out/repo/ \;
createrepo_c --quiet /build/out/repo
gpg --armor --export stand-in >/build/out/RPM-GPG-KEY-stand-in
gcc -shared -fPIC -O2 -o /build/out/cipher-list.so $here/cipher-list.c -ldl
