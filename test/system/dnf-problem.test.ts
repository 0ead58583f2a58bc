import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import {dnfProblem} from '../../src/system/dnf-problem.js';

// As dnf 4.14 says it.
const said: readonly (readonly [expected: RegExp, stderr: string])[] = [
  [
    /cannot be reached/,
    "Errors during downloading metadata for repository 'appstream':\n  - Curl error (7): Couldn't connect to server for http://127.0.0.1:9/repodata/repomd.xml\nError: Failed to download metadata for repo 'appstream': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried\n",
  ],
  [
    /signature .* cannot be trusted/,
    "Curl error (37): Couldn't read a file:// file for file:///etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9 [Couldn't open file /etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9]\n",
  ],
  [
    /signature .* cannot be trusted/,
    'Public key for postfix-3.5.25-1.el9.x86_64.rpm is not installed. Failing package is: postfix-2:3.5.25-1.el9.x86_64\n GPG Keys are configured as: file:///etc/pki/rpm-gpg/RPM-GPG-KEY\nError: GPG check FAILED\n',
  ],
  [
    /held back/,
    'All matches were filtered out by exclude filtering for argument: postfix\nError: Unable to find a match: postfix\n',
  ],
  [
    /module stream/,
    'All matches were filtered out by modular filtering for argument: postfix\nError: Unable to find a match: postfix\n',
  ],
  [/do not have what is needed/, 'No match for argument: dovecot\nError: Unable to find a match: dovecot\n'],
  [
    /no subscription/,
    'This system is not registered with an entitlement server. You can use "rhc" or "subscription-manager" to register.\nError: There are no enabled repositories in "/etc/yum.repos.d", "/etc/yum/repos.d", "/etc/distro.repos.d".\n',
  ],
  // Registered, and no subscription or one that has ended: Red Hat's own servers refuse.
  [
    /no subscription/,
    'This system is registered with an entitlement server, but is not receiving updates. You can use subscription-manager to assign subscriptions.\nNo match for argument: dovecot\nError: Unable to find a match: dovecot\n',
  ],
  [
    /no subscription/,
    "Errors during downloading metadata for repository 'rhel-9-for-x86_64-appstream-rpms':\n  - Status code: 403 for https://cdn.redhat.com/content/dist/rhel9/9/x86_64/appstream/os/repodata/repomd.xml (IP: 192.0.2.1)\nError: Failed to download metadata for repo 'rhel-9-for-x86_64-appstream-rpms': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried\n",
  ],
  // A mirror of one's own that refuses has nothing to do with that.
  [
    /cannot be reached/,
    "Errors during downloading metadata for repository 'appstream':\n  - Status code: 403 for https://mirror.example.test/9/AppStream/repodata/repomd.xml (IP: 192.0.2.1)\nError: Failed to download metadata for repo 'appstream': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried\n",
  ],
  // Locked by dnf-plugin-versionlock or hidden by a stream is often only what comes along.
  [
    /held back/,
    "Error: \n Problem: package dovecot-1:2.3.16-11.el9.x86_64 from appstream requires libclucene-core.so.1()(64bit), but none of the providers can be installed\n  - conflicting requests\n  - package clucene-core-2.3.3.4-42.20130812.e8e3d20git.el9.x86_64 from appstream is filtered out by exclude filtering\n(try to add '--skip-broken' to skip uninstallable packages or '--nobest' to use not only best candidate packages)\n",
  ],
  [
    /module stream/,
    'Error: \n Problem: package postfix-pgsql-2:3.5.25-1.el9.x86_64 from appstream requires libpq.so.5()(64bit), but none of the providers can be installed\n  - conflicting requests\n  - package libpq-13.11-1.el9.x86_64 from appstream is filtered out by modular filtering\n',
  ],
  [/No package source is switched on/, 'Error: There are no enabled repositories in "/etc/yum.repos.d".\n'],
  [
    /out of date/,
    '[MIRROR] postfix-3.5.25-1.el9.x86_64.rpm: Status code: 404 for https://mirror.example.test/postfix-3.5.25-1.el9.x86_64.rpm (IP: 192.0.2.1)\nError: Error downloading packages:\n  Cannot download postfix-3.5.25-1.el9.x86_64.rpm: All mirrors were tried\n',
  ],
  [
    /no room/,
    'Error: Transaction test error:\n  installing package postfix-2:3.5.25-1.el9.x86_64 needs 12MB more space on the / filesystem\n',
  ],
  [
    /does not go together/,
    'Error: \n Problem: conflicting requests\n  - nothing provides /bin/sh needed by dovecot-1:2.3.16-11.el9.x86_64\n',
  ],
  [/could not do its work/, 'Error: something that nobody has seen before\n'],
];

test('each of dnf’s own reasons has the remedy that fits, and stands beside it', t => {
  for (const [expected, stderr] of said) {
    const {problem} = dnfProblem({stdout: '', stderr});
    t.is(problem.code, exitCode.networkOrPackages);
    t.regex(problem.what.en, expected, stderr);
    t.truthy(problem.what.ja);
    t.truthy(problem.remedy?.en);
    t.regex(problem.cause?.en ?? '', /It said: .{10}/);
  }
});

test('what dnf says cannot write on the terminal', t => {
  const {problem} = dnfProblem({stdout: '', stderr: 'Error: \u001b[31mred\u0007\n'});
  t.notRegex(problem.cause?.en ?? '', /\u001b|\u0007/);
});
