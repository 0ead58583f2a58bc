import type {Change, ChangeKind} from '../core/change.js';

/** Changes in the order of applying: what others stand on first, the mail server's own files last and together, then the world outside, then services. */
export const inOrder = (changes: readonly Change[]): readonly Change[] =>
  changes
    .map((change, index) => ({change, index}))
    .sort((a, b) => rank(a.change) - rank(b.change) || a.index - b.index)
    .map(({change}) => change);

const ranks: Readonly<Record<ChangeKind, number>> = {
  'package.install': 1,
  'user.create': 10,
  'user.shell': 11,
  'directory.create': 20,
  'selinux.label': 21,
  'selinux.port': 22,
  'selinux.boolean': 23,
  'file.write': 30,
  'rows.edit': 40,
  'database.make': 45,
  'map.compile': 41,
  'script.compile': 41,
  'certificate.issue': 46,
  'config.edit': 50,
  'alternative.set': 55,
  'file.delete': 60,
  'directory.remove': 62,
  'user.remove': 64,
  'firewall.item': 70,
  'service.state': 80,
};

// Postfix's main.cf and master.cf refer to each other and to everything before them. A unit is stopped and switched off before
// its file goes, so that an undo has the file before it starts the unit.
const rank = (change: Change) => {
  if (change.kind === 'file.delete' && change.path.startsWith('/etc/systemd/system/')) {
    return ranks['service.state'] + 1;
  }

  // The authority comes in by this door before it issues anything (RFC 8555, 8.3).
  if (change.kind === 'firewall.item' && change.item.type === 'port' && change.item.port === 80) {
    return ranks['certificate.issue'] - 1;
  }

  const base = ranks[change.kind];
  return change.kind === 'config.edit' && change.family !== 'dovecot' ? base + 1 : base;
};
