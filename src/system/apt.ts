import {answered, aptGet, forgetAnswers, preseed, settleDpkg, wouldRemove} from './apt-get.js';
import {
  automaticPackages,
  halfUnpacked,
  installedPackages,
  isKnown,
  isProtected,
  listedPaths,
} from './dpkg.js';
import {holderOf} from './package-lock.js';
import type {PackageFile, PackageManager} from './package-manager.js';

const archives = '/var/cache/apt/archives';

/** policy-rc.d(8): 101 = no package may start its daemon. A half-configured server would refuse a live domain's mail. */
const policyText = '#!/bin/sh\n# dovetail: nothing starts before it is configured and proved.\nexit 101\n';

/**
 * While packages go: what they bring may be stopped, and nothing starts. Debian's modules of Dovecot stop it when they go, and
 * dovecot-core restarts it before their configuration files are gone; it goes on, and is restarted once all is as it was.
 */
const goingText = (units: readonly string[]) => {
  const names = new Set(units.map(unit => /^[\w.-]+(?=\.\w+$)/.exec(unit)?.[0] ?? '').filter(Boolean));
  const patterns = [...names].flatMap(name => [name, `${name}.*`, `${name}@*`]);
  const ours =
    patterns.length === 0
      ? ''
      : `case " $* " in *" stop "*) for word; do case $word in ${patterns.join('|')}) exit 0 ;; esac; done ;; esac\n`;
  return `#!/bin/sh\n# dovetail: nothing starts while packages are taken away, and what stays is not stopped.\n${ours}exit 101\n`;
};

const guard = {path: '/usr/sbin/policy-rc.d', coming: policyText, going: goingText};

/** apt(8) and dpkg(1) of Debian and what comes from it. */
export const apt: PackageManager = {
  name: 'apt',
  suffix: '.deb',
  guard,
  exactly: (name, version) => `${name}=${version}`,
  lockHolder: files =>
    holderOf(files, ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock', '/var/lib/apt/lists/lock']),
  installed: async ({files}) => installedPackages(files),
  automatic: async ({files}) => automaticPackages(files),
  known: async ({files}, names) => names.filter(name => isKnown(files, name)),
  isProtected: ({files}, name) => isProtected(files, name),
  pathsOf: async ({files}, name) => listedPaths(files, name),
  stage: async ({system: {files, run}, online}, names, answers, say) => {
    // Without this apt-get(8) is content with lists that it could not renew, and packages are missing later.
    await aptGet(online, ['update', '--error-on=any'], say);
    await aptGet(online, ['install', '--no-install-recommends', '--download-only', '--', ...names], say);
    const debs = (files.list(archives) ?? []).filter(name => name.endsWith('.deb'));
    await preseed(run, answers);
    if (files.lstat(guard.path) !== undefined) {
      files.unlink(guard.path);
    }

    files.create(guard.path, Buffer.from(guard.coming), 0o755);
    await aptGet(run, ['install', '--no-install-recommends', '--no-download', '--', ...names], say);
    files.unlink(guard.path);
    return debs.map(packageFile);
  },
  // apt-get(8), download: the file of exactly this version, into the working directory, which is the root of the view.
  fetch: async ({system: {files}, online}, name, version) => {
    const args = ['-q', 'download', '--', `${name}=${version}`];
    const {stderr} = await online('/usr/bin/apt-get', args, {timeout: 0});
    const deb = (files.list('/') ?? []).find(entry => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
    if (deb === undefined) {
      return stderr.trim();
    }

    files.rename(`/${deb}`, `${archives}/${deb}`);
    return packageFile(deb);
  },
  settle: async ({run}, _cut, say) => settleDpkg(run, say),
  install: async ({run}, packages, {answers, removing}, say) => {
    await preseed(run, answers);
    await run('/usr/bin/dpkg', ['--configure', '-a'], {timeout: 0, onLine: say});
    const options = ['--no-install-recommends', '--allow-downgrades', ...(removing ? [] : ['--no-remove'])];
    await aptGet(run, ['install', ...options, ...packages], say);
  },
  answered,
  forgetAnswers,
  markAutomatic: async (run, names) => {
    await run('/usr/bin/apt-mark', ['auto', ...names]);
  },
  wouldRemove,
  // dpkg knows nothing of the files that it had begun to write: unpacked whole once more, it knows them all.
  mend: async ({files, run}, packages, say) => {
    const broken = halfUnpacked(files).filter(name => packages.some(entry => entry.name === name));
    if (broken.length === 0) {
      return;
    }

    const whole = packages.flatMap(({name, archive}) =>
      broken.includes(name) && archive !== undefined ? [archive] : [],
    );
    const options = {timeout: 0, onLine: say};
    if (whole.length > 0) {
      const force = ['depends', 'breaks', 'conflicts', 'confold'].map(what => `--force-${what}`);
      await run('/usr/bin/dpkg', ['--unpack', ...force, ...whole], options);
    }

    const args = ['--purge', '--force-remove-reinstreq', '--force-depends', ...broken];
    await run('/usr/bin/dpkg', args, options);
  },
  // A name with “-” is removed (apt-get(8)); with --purge its configuration goes too.
  exchange: async (run, packages, names, say) => {
    if (packages.length > 0) {
      const options = ['install', '--no-install-recommends', '--allow-downgrades', '--purge'];
      await aptGet(run, [...options, ...packages, ...names.map(name => `${name}-`)], say);
    } else if (names.length > 0) {
      await aptGet(run, ['purge', ...names], say);
    }
  },
};

// name_version_architecture.deb, with the colon of an epoch as %3a.
const packageFile = (deb: string): PackageFile => {
  const [name = '', version = '', architecture = ''] = deb.slice(0, -'.deb'.length).split('_');
  return {path: `${archives}/${deb}`, name, version: version.replaceAll('%3a', ':'), architecture};
};
