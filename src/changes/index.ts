import type {Change, ChangeKind} from '../core/change.js';
import {alternativeSet} from './alternative-set.js';
import {certificateIssue} from './certificate-issue.js';
import {configEdit} from './config-edit.js';
import {databaseMake} from './database-make.js';
import {directoryCreate, directoryRemove} from './directory-create.js';
import {fileDelete, fileWrite} from './file-write.js';
import {firewallItem} from './firewall-item.js';
import {mapCompile} from './map-compile.js';
import {packageInstall} from './package-install.js';
import {rowsEdit} from './rows-edit.js';
import {scriptCompile} from './script-compile.js';
import {selinuxBoolean} from './selinux-boolean.js';
import {selinuxLabel} from './selinux-label.js';
import {selinuxPort} from './selinux-port.js';
import {serviceState} from './service-state.js';
import type {AnyHandler} from './types.js';
import {userCreate, userRemove} from './user-create.js';
import {userShell} from './user-shell.js';

const handlers = {
  'package.install': packageInstall,
  'user.create': userCreate,
  'user.remove': userRemove,
  'user.shell': userShell,
  'directory.create': directoryCreate,
  'directory.remove': directoryRemove,
  'file.write': fileWrite,
  'file.delete': fileDelete,
  'config.edit': configEdit,
  'rows.edit': rowsEdit,
  'database.make': databaseMake,
  'certificate.issue': certificateIssue,
  'map.compile': mapCompile,
  'script.compile': scriptCompile,
  'alternative.set': alternativeSet,
  'selinux.label': selinuxLabel,
  'selinux.port': selinuxPort,
  'selinux.boolean': selinuxBoolean,
  'service.state': serviceState,
  'firewall.item': firewallItem,
} satisfies {[K in ChangeKind]: unknown};

/** The handler of a change's kind. */
export const handlerOf = (change: Change): AnyHandler => handlers[change.kind] as unknown as AnyHandler;
