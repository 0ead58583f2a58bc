import type {Files, Program} from '../system/types.js';

const folder = '/etc/systemd/system';
const wants = `${folder}/multi-user.target.wants`;

/** Unit that finishes at boot what was cut short (systemd.unit(5)). */
export const bootUnit = 'dovetail-recover.service';

export const bootUnitPath = `${folder}/${bootUnit}`;

const link = `${wants}/${bootUnit}`;
const madeMark = '# dovetail made multi-user.target.wants for it.\n';

/**
 * Arranges that what is under way is finished at the next boot, before the mail services start. It does nothing where nothing
 * is under way by then, so that one that is left behind does no harm.
 */
export const armBoot = (files: Files, {file, args}: Program) => {
  if (files.lstat(folder) === undefined) {
    return;
  }

  disarmBoot(files);
  const bare = files.lstat(wants) === undefined;
  files.create(bootUnitPath, Buffer.from(`${bare ? madeMark : ''}${textOf([file, ...args])}`), 0o644);
  files.syncFile(bootUnitPath);
  // The mark that the directory is ours is durable before the directory is, and outlives it.
  files.syncDirectory(folder);
  if (bare) {
    files.makeDirectory(wants, 0o755);
  }

  files.symlink(bootUnitPath, link);
  files.syncDirectory(wants);
  files.syncDirectory(folder);
};

/** Takes that arrangement back. */
export const disarmBoot = (files: Files) => {
  const text = files.read(bootUnitPath)?.toString('utf8');
  if (files.lstat(link) !== undefined) {
    files.unlink(link);
    files.syncDirectory(wants);
  }

  if (text === undefined) {
    return;
  }

  if (text.startsWith(madeMark) && files.list(wants)?.length === 0) {
    files.removeDirectory(wants);
    files.syncDirectory(folder);
  }

  files.unlink(bootUnitPath);
  files.syncDirectory(folder);
};

const textOf = (command: readonly string[]) => `[Unit]
Description=Finish a dovetail run that was cut short
ConditionPathExists=/var/lib/dovetail/current
Before=dovecot.service postfix.service postfix@-.service

[Service]
Type=oneshot
ExecStart=${command.map(quoted).join(' ')}
TimeoutStartSec=15min

[Install]
WantedBy=multi-user.target
`;

// systemd.service(5), command lines: quotes, and “$” and “%” twice.
const quoted = (word: string) =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$').replaceAll('%', '%%')}"`;
