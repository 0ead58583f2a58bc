import type {Text} from '../core/text.js';
import type {Host} from '../system/types.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeHandler} from './types.js';

/** No file with a password or a key can be read by everybody on the machine. */
export const secretsKept: ProbeHandler<'secrets-kept'> = async (probe, {host}) => {
  const candidates = [...new Set([...probe.files, ...withPasswords(host)])].filter(
    path => host.files.lstat(path) !== undefined,
  );
  const tables = candidates.flatMap(path =>
    ['db', 'lmdb', 'cdb'].map(end => `${path}.${end}`).filter(path => host.files.lstat(path) !== undefined),
  );
  const paths = [...candidates, ...tables];
  if (paths.length === 0) {
    return [pass(probe, {summary: texts.kept, values: {count: 0}})];
  }

  // What a link leads to is what is read.
  const {exitCode, stdout, stderr} = await host.run('/usr/bin/stat', ['-L', '-c', '%a %n', '--', ...paths]);
  if (exitCode !== 0) {
    return [
      unchecked(probe, {
        summary: texts.unknown,
        remedy: common.logRemedy,
        evidence: stderr.trim().split('\n').slice(0, 2),
      }),
    ];
  }

  const open = stdout.split('\n').flatMap(line => {
    const [, mode = '', path] = /^(\d+) (.+)$/.exec(line) ?? [];
    return path !== undefined && (Number.parseInt(mode, 8) & 0o004) !== 0 ? [path] : [];
  });
  return [
    open.length === 0
      ? pass(probe, {summary: texts.kept, values: {count: paths.length}})
      : fail(probe, {
          summary: texts.open,
          values: {files: open.join(', ')},
          remedy: texts.openRemedy,
        }),
  ];
};

// Settings of Postfix's tables in databases (ldap_table(5), mysql_table(5)) and of Dovecot's that hold a password.
const passwordLine =
  /^\s*(?:bind_pw|password|dnpass|ldap_auth_dn_password|doveadm_password|mysql_password|pgsql_password)\s*=\s*\S|^\s*connect\s*=.*\bpassword=/m;

const withPasswords = (host: Host): readonly string[] =>
  ['/etc/postfix', '/etc/dovecot', '/etc/dovecot/conf.d'].flatMap(folder =>
    (host.files.list(folder) ?? [])
      .filter(name => /\.(?:cf|conf|ext)$/.test(name) && !/^(?:main|master|dynamicmaps)\.cf$/.test(name))
      .map(name => `${folder}/${name}`)
      .filter(path =>
        passwordLine.test(
          host.files.read(path, {follow: true, limit: 1024 * 1024})?.toString('latin1') ?? '',
        ),
      ),
  );

/** File systems of other machines, as stat(1) calls them. */
const networkTypes = /^(?:nfs|nfs4|cifs|smb|smb2|afs|ceph|fuseblk|fuse|9p|v9fs|gfs|ocfs2|lustre)/i;

/** Postfix's queue is on a disk of this machine: over NFS users of the same number read each other's mail, and locks may not hold. */
export const queueIsLocal: ProbeHandler<'queue-is-local'> = async (probe, {host}) => {
  const values = {path: probe.path};
  const {exitCode, stdout} = await host.run('/usr/bin/stat', ['-f', '-c', '%T', '--', probe.path]);
  const type = stdout.trim();
  return [
    exitCode !== 0 || type === ''
      ? unchecked(probe, {summary: texts.queue, values, remedy: texts.queueRemedy})
      : networkTypes.test(type)
        ? fail(probe, {summary: texts.remote, values: {...values, type}, remedy: texts.queueRemedy})
        : pass(probe, {summary: texts.local, values: {...values, type}}),
  ];
};

const texts = {
  kept: {
    en: 'Files with passwords or keys that everybody could read: none ({count} looked at).',
    ja: 'パスワードや鍵を誰でも読めるファイルはありません ({count} 件を確認)。',
  },
  open: {
    en: 'Everybody on this machine can read passwords or keys: {files}.',
    ja: 'このマシンの誰でもパスワードや鍵を読めます: {files}',
  },
  openRemedy: {
    en: 'Take that right away (chmod o-r), and change those passwords.',
    ja: 'その権限を外し (chmod o-r)、パスワードを変更してください。',
  },
  unknown: {
    en: 'Whether everybody can read files with passwords or keys.',
    ja: 'パスワードや鍵のファイルを誰でも読めるかどうか。',
  },
  queue: {en: 'What {path} is kept on.', ja: '{path} の置き場所。'},
  local: {
    en: 'The queue {path} is on this machine ({type}).',
    ja: 'キュー {path} はこのマシン上 ({type}) にあります。',
  },
  remote: {
    en: 'The queue {path} is on a file system of another machine ({type}): its mail is not safe there.',
    ja: 'キュー {path} は別のマシンのファイルシステム ({type}) 上にあり、メールが安全ではありません。',
  },
  queueRemedy: {
    en: 'Keep /var/spool/postfix on a local disk.',
    ja: '/var/spool/postfix はローカルディスクに置いてください。',
  },
} satisfies Record<string, Text>;
