import {rowsOf} from '../../src/config/rows/edit.js';
import {clamavFiles, clamavUnits} from '../../src/core/clamav-files.js';
import type {Facts} from '../../src/core/facts.js';
import type {Row, Want} from '../../src/core/want.js';
import {clamavMilterUnit} from '../../templates/clamav-milter-unit.js';
import {clamavOnce} from '../../templates/clamav-once.js';
import {clamavPath} from '../../templates/clamav-path.js';
import {milterGone, milterThere, milterWants, type WhenDown} from './milters.js';
import {queueDirectoryOf, tableRow} from './postfix.js';

/** ClamAV: its filter in Postfix's chroot, what it does with mail, and the units of it. */
export const virusWants = (facts: Facts, whenDown: WhenDown): readonly Want[] => {
  return [
    // Sockets in it get its group, so that Postfix may talk to them and other users may not.
    {
      kind: 'directory',
      path: folderOf(facts),
      owner: 'clamav',
      group: 'postfix',
      mode: 0o2750,
      state: 'present',
    },
    {kind: 'rows', file: clamavFiles.milter, format: 'table', rows: rows(facts, whenDown), ownership: own},
    ...unitFile(clamavFiles.path, clamavPath(clamavFiles.signatures, clamavUnits.daemon)),
    ...dropIn(clamavFiles.unit, clamavMilterUnit(clamavFiles.milter, socketOf(facts))),
    ...dropIn(clamavFiles.once, clamavOnce(clamavUnits.updater)),
    ...milterWants(facts, 'clamav', whenDown),
    {kind: 'service', unit: clamavUnits.updater, state: 'present'},
    {kind: 'service', unit: clamavUnits.path, state: 'present'},
    // Without signatures it does not start, and that is no error of its unit's.
    ...(facts.virusSignatures === true
      ? [{kind: 'service', unit: clamavUnits.daemon, state: 'present'} as const]
      : []),
    {kind: 'service', unit: clamavUnits.milter, state: 'present'},
  ];
};

/** ClamAV leaves Postfix and stops; its configuration and its signatures stay, so that the package's own script can start it. */
export const virusGone = (facts: Facts): readonly Want[] => [
  ...milterGone(facts, 'clamav'),
  ...(facts.files[clamavFiles.unit] === undefined
    ? []
    : [
        {
          kind: 'rows',
          file: clamavFiles.milter,
          format: 'table',
          rows: [tableRow('Foreground', 'false')],
          ownership: own,
        } as const,
        {kind: 'file', path: clamavFiles.unit, state: 'absent'} as const,
      ]),
  ...(facts.files[clamavFiles.once] === undefined
    ? []
    : [{kind: 'file', path: clamavFiles.once, state: 'absent'} as const]),
  ...(['milter', 'path', 'socket', 'daemon', 'updater'] as const).map(
    name => ({kind: 'service', unit: clamavUnits[name], state: 'absent'}) as const,
  ),
  {kind: 'file', path: clamavFiles.path, state: 'absent'},
];

/** What happens with mail that cannot be looked at, where ClamAV stands in Postfix as it is set up here. */
export const virusAnswer = (facts: Facts, whenDown: WhenDown): boolean => {
  const there = rowsOf(facts.files[clamavFiles.milter] ?? '', 'table');
  return (
    milterThere(facts, 'clamav') !== undefined &&
    facts.files[clamavFiles.unit] !== undefined &&
    rows(facts, whenDown).every(row =>
      row.state === 'absent'
        ? !there.has(row.key.toLowerCase())
        : there.get(row.key.toLowerCase()) ===
          row.content.map(part => ('text' in part ? part.text : '')).join(''),
    )
  );
};

const own = {owner: 'root', group: 'root', mode: 0o644} as const;

const unitFile = (path: string, text: string): readonly Want[] => [
  {kind: 'file', path, state: 'present', content: [{text}], ...own},
];

// Beside a unit of the package (systemd.unit(5)), in a folder that is named after it.
const dropIn = (path: string, text: string): readonly Want[] => [
  {kind: 'directory', path: path.replace(/\/[^/]*$/, ''), ...own, mode: 0o755, state: 'present'},
  ...unitFile(path, text),
];

const folderOf = (facts: Facts) => `${queueDirectoryOf(facts)}/clamav`;
const socketOf = (facts: Facts) => `${folderOf(facts)}/clamav-milter.sock`;

// clamav-milter.conf(5). Debian's own values quarantine what is infected, in Postfix's hold queue where nobody looks, and let
// everybody talk to the socket. A filter that runs while the daemon does not is down too: it answers as Postfix would without it.
const rows = (facts: Facts, whenDown: WhenDown): readonly Row[] => [
  tableRow('MilterSocket', socketOf(facts)),
  // It would be given to this group after it was made, when the filter is not root any more.
  {key: 'MilterSocketGroup', state: 'absent'},
  tableRow('MilterSocketMode', '660'),
  // Systemd looks after it; see the unit's file.
  tableRow('Foreground', 'true'),
  tableRow('OnInfected', 'Reject'),
  tableRow('RejectMsg', 'This message carries a virus: %v'),
  tableRow('OnFail', whenDown === 'accept' ? 'Accept' : 'Defer'),
];
