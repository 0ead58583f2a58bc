import {createHash} from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {execa} from 'execa';
import {aside, baseTree} from './host.js';

const own = new URL('../../../test/hosts/el9/', import.meta.url).pathname;
const stock = new URL('../../../../shared/stock/el9/', import.meta.url).pathname;

/** Why there can be no stand-in for EL9 here; undefined where there can: its stock configuration is not part of this project. */
export const standInReason = (): string | undefined =>
  existsSync(join(stock, 'dovecot')) ? undefined : `the stock configuration of EL9 is not in ${stock}`;

// What Debian's Dovecot and Postfix are linked to, beside the tools that EL9 or a test has and Debian has not.
const include =
  'dnf rpm firewalld nftables mutt netbase openssh-server openssl libicu72 libsodium23 libexttextcat-2.0-0 libstemmer0d liblua5.4-0 libwrap0 libtirpc3 libunwind8 libapparmor1 libsasl2-2 libsasl2-modules libldap-2.5-0 libsqlite3-0 libdb5.3 libnsl2 libmariadb3 libpq5 libclucene-core1v5 libclucene-contribs1v5 liblmdb0';

/**
 * A stand-in for EL9: Debian with the real dnf and rpm, and a repository of packages that are built of Debian's programs under
 * EL9's names, with EL9's stock configuration and scriptlets. Gives the layers of its tree, topmost first, as overlayfs wants
 * them. Built once and kept.
 */
export const standInLayers = async (lab: string): Promise<string> => {
  const base = await baseTree('bookworm');
  const digest = createHash('sha256').update(include).update(base);
  for (const folder of [own, stock]) {
    for (const name of readdirSync(folder, {recursive: true, encoding: 'utf8'}).sort()) {
      digest.update(name).update(fileText(join(folder, name)));
    }
  }

  const layer = join(lab, `base-el9-${digest.digest('hex').slice(0, 8)}`);
  const lock = join(lab, 'lock-el9');
  while (!existsSync(layer)) {
    if (existsSync(lock) && existsSync(`/proc/${readFileSync(lock, 'utf8')}`)) {
      await wait(1000);
      continue;
    }

    await execa('sh', ['-c', 'echo "$1" >"$2"', 'sh', String(process.pid), lock]);
    const work = mkdtempSync(join(lab, 'build-el9-'));
    try {
      await build(work, base, layer);
    } finally {
      rmSync(work, {recursive: true, force: true});
      rmSync(lock, {force: true});
    }
  }

  return `${layer}:${base}`;
};

const build = async (work: string, base: string, layer: string) => {
  const trees = ['host', 'tools'].map(name => {
    const folders = {
      upper: join(work, name),
      scratch: join(work, `${name}-work`),
      tree: join(work, `${name}-tree`),
    };
    Object.values(folders).forEach(folder => void mkdirSync(folder));
    return folders;
  });
  const [host, tools] = trees;
  if (host === undefined || tools === undefined) {
    throw new Error('no trees');
  }

  const mounted: string[] = [];
  const mount = async (lower: string, {upper, scratch, tree}: typeof host) => {
    await execa('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${scratch}`,
      tree,
    ]);
    mounted.push(tree);
  };
  const inside = (tree: string, ...command: readonly string[]) =>
    execa('systemd-nspawn', [...aside, '-D', tree, ...command], {stdin: 'ignore', timeout: 900_000});
  try {
    await mount(base, host);
    // The mirror's name is looked up as this machine does.
    cpSync('/etc/resolv.conf', join(host.tree, 'etc/resolv.conf'), {dereference: true});
    await inside(host.tree, 'apt-get', '-q', 'update');
    await inside(
      host.tree,
      '/usr/bin/env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-q',
      '-y',
      'install',
      '--no-install-recommends',
      ...include.split(' '),
    );
    await mount(`${host.upper}:${base}`, tools);
    for (const [tree, files] of [
      [
        tools.tree,
        [
          [own, 'el9'],
          [stock, 'stock'],
        ],
      ],
      [host.tree, [[own, 'el9']]],
    ] as const) {
      mkdirSync(join(tree, 'build'));
      files.forEach(([from, to]) => void cpSync(from, join(tree, 'build', to), {recursive: true}));
    }

    await inside(tools.tree, 'sh', '/build/el9/build.sh');
    cpSync(join(tools.tree, 'build/out'), join(host.tree, 'build/out'), {recursive: true});
    await inside(host.tree, 'sh', '/build/el9/prepare.sh');
    rmSync(join(host.tree, 'build'), {recursive: true});
  } finally {
    for (const tree of mounted.toReversed()) {
      await execa('umount', [tree], {reject: false});
    }
  }

  renameSync(host.upper, layer);
};

const fileText = (path: string) => {
  try {
    return readFileSync(path);
  } catch {
    return '';
  }
};
