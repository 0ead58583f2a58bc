import {asUnit, unitWord} from '../core/unit-word.js';
import type {Files, Program} from '../system/types.js';

const folder = '/etc/systemd/system';
const wants = `${folder}/multi-user.target.wants`;
const ours = ['dovetail-recover.service', 'dovetail-confirm.service'];
const madeMark = '# dovetail made multi-user.target.wants for it.\n';

/** Where a unit of ours stands. */
export const unitPath = (name: string) => `${folder}/${name}`;

/** Makes a unit that is started with the machine (systemd.unit(5)), durably; nothing where there is no systemd. */
export const armUnit = (files: Files, name: string, text: string) => {
  if (files.lstat(folder) === undefined) {
    return;
  }

  disarmUnit(files, name);
  const path = unitPath(name);
  // Whoever of us goes last removes the directory that one of us made.
  const bare =
    files.lstat(wants) === undefined ||
    ours.some(other => files.read(unitPath(other))?.toString('utf8').startsWith(madeMark));
  files.create(path, Buffer.from(`${bare ? madeMark : ''}${text}`), 0o644);
  files.syncFile(path);
  // The mark that the directory is ours is durable before the directory is, and outlives it.
  files.syncDirectory(folder);
  if (files.lstat(wants) === undefined) {
    files.makeDirectory(wants, 0o755);
  }

  files.symlink(path, `${wants}/${name}`);
  files.syncDirectory(wants);
  files.syncDirectory(folder);
};

/** Takes it away again. */
export const disarmUnit = (files: Files, name: string) => {
  const path = unitPath(name);
  const link = `${wants}/${name}`;
  const text = files.read(path)?.toString('utf8');
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

  files.unlink(path);
  files.syncDirectory(folder);
};

/** A program as a unit names it. */
export const quotedCommand = ({file, args}: Program) =>
  asUnit([file, ...args])
    .map(unitWord)
    .join(' ');
