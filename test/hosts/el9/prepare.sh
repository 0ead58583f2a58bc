#!/bin/sh
# Runs inside the tree of the stand-in host, in /build what build.sh made: makes Debian look like EL9 to whoever installs mail there.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
here=/build/el9
cat >/usr/lib/os-release <<END
NAME="AlmaLinux"
VERSION="9.4 (stand-in)"
ID="almalinux"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="AlmaLinux 9.4 (stand-in on Debian)"
END
mkdir -p /usr/share/stand-in /etc/rpm /etc/yum.repos.d /etc/pki/rpm-gpg /etc/pki/tls/certs /etc/pki/tls/private /var/lib/alternatives /usr/lib64
cp -a /build/out/repo /usr/share/stand-in/repo
cp /build/out/cipher-list.so /usr/share/stand-in/cipher-list.so
echo /usr/share/stand-in/cipher-list.so >/etc/ld.so.preload
cp /build/out/RPM-GPG-KEY-stand-in /etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9
cp /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt
printf '%%_dbpath /var/lib/rpm\n' >/etc/rpm/macros
cat >/etc/dnf/dnf.conf <<END
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
END
cat >/etc/yum.repos.d/almalinux-appstream.repo <<END
[appstream]
name=AlmaLinux 9 - AppStream (stand-in)
baseurl=file:///usr/share/stand-in/repo
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9
END
# Presets, PAM stack, spool and aliases as EL has them.
echo 'disable *' >/usr/lib/systemd/system-preset/99-default-disable.preset
for stack in password-auth system-auth; do cp $here/password-auth /etc/pam.d/$stack; done
rm -rf /var/spool/mail
mv /var/mail /var/spool/mail
ln -s spool/mail /var/mail
cp $here/aliases /etc/aliases
# Where EL's Cyrus SASL has its configuration; Debian's Postfix asks for it by another name.
mkdir -p /etc/sasl2
rm -rf /usr/lib/sasl2
ln -s ../../etc/sasl2 /usr/lib/sasl2
# A test that needs logins by SSH makes the keys and starts it.
rm -f /etc/systemd/system/multi-user.target.wants/ssh.service /etc/systemd/system/sshd.service /etc/ssh/ssh_host_*
# chkconfig's alternatives keeps its state elsewhere; how it is called is the same.
cat >/usr/sbin/alternatives <<END
#!/bin/sh
exec /usr/bin/update-alternatives --quiet --admindir /var/lib/alternatives --log /var/log/alternatives.log "\$@"
END
chmod 0755 /usr/sbin/alternatives
rpm --initdb
cd /usr/share/stand-in/repo
rpm -i --force-debian --justdb --nodeps --noscripts almalinux-release-*.rpm glibc-*.rpm bash-*.rpm openssl-*.rpm systemd-*.rpm shadow-utils-*.rpm chkconfig-*.rpm firewalld-*.rpm dnf-*.rpm nftables-*.rpm
# EL has no apt, a bare one no perl, and ss elsewhere: whoever counts on them is found out.
apt-get clean
rm -f /usr/bin/apt /usr/bin/apt-get /usr/bin/apt-mark /usr/bin/apt-cache /usr/bin/dpkg /usr/bin/dpkg-query /usr/bin/debconf-set-selections /usr/bin/perl*
mv /usr/bin/ss /usr/sbin/ss
