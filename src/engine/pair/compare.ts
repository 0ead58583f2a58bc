import type {Finding} from '../../core/finding.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import type {FolderReport, SideReport} from './report.js';
import {compareTexts as texts} from './compare-texts.js';

/** Seconds that the clocks may differ: conflicts are settled by the time of a change. */
const clockBound = 5;

/** What this server must have by itself, before another one is asked for anything. */
export const alone = (here: SideReport): readonly Finding[] => [
  check('version', here.dialect === '2.3', texts.versionHere, texts.versionHereBad, {
    here: here.dovecot || '—',
  }),
  ...(here.dialect === '2.3'
    ? [
        check('users', here.users !== undefined, texts.usersHere, texts.noListHere, {
          count: here.users?.length ?? 0,
        }),
      ]
    : []),
  check('replication', here.replication !== 'other', texts.nobodysHere, texts.somebodysHere, {}),
];

/** What must hold before two servers become a pair; `asked`: seconds that the other one took to answer. */
export const comparePair = (here: SideReport, there: SideReport, asked = 0): readonly Finding[] => [
  versions(here, there),
  check('owner', here.owner === there.owner && /^\d+:\d+$/.test(here.owner), texts.owner, texts.ownerBad, {
    here: here.owner,
    there: there.owner,
  }),
  check('location', here.location === there.location, texts.location, texts.locationBad, {
    here: here.location,
    there: there.location,
  }),
  check('backends', same(here.backends, there.backends), texts.backends, texts.backendsBad, {
    here: here.backends.join(', '),
    there: there.backends.join(', '),
  }),
  users(here, there),
  clocks(here, there, asked),
  check(
    'replication',
    there.replication !== 'other' && here.replication !== 'other',
    texts.nobodys,
    texts.somebodys,
    {},
  ),
  ...mail(here, there),
];

/** Whether the mail of both is on both, and nothing was lost or doubled: from the counts before and after. */
export const compareCounts = (
  before: readonly [readonly FolderReport[], readonly FolderReport[]],
  after: readonly [readonly FolderReport[], readonly FolderReport[]],
): {readonly settled: boolean; readonly lost: readonly string[]; readonly more: readonly string[]} => {
  const [hereBefore, thereBefore] = before.map(countsOf) as [Counts, Counts];
  const [here, there] = after.map(countsOf) as [Counts, Counts];
  const names = [...new Set([...hereBefore.keys(), ...thereBefore.keys(), ...here.keys(), ...there.keys()])];
  const of = (counts: Counts, name: string) => counts.get(name) ?? 0;
  return {
    settled: names.every(name => of(here, name) === of(there, name)),
    lost: names.filter(
      name =>
        Math.min(of(here, name), of(there, name)) < Math.max(of(hereBefore, name), of(thereBefore, name)),
    ),
    more: names.filter(
      name => Math.max(of(here, name), of(there, name)) > of(hereBefore, name) + of(thereBefore, name),
    ),
  };
};

export const totalOf = (folders: readonly FolderReport[]) =>
  folders.reduce((sum, {messages}) => sum + messages, 0);

type Counts = ReadonlyMap<string, number>;
const countsOf = (folders: readonly FolderReport[]): Counts =>
  new Map(folders.map(({user, folder, messages}) => [`${user} ${folder}`, messages]));

// The protocol between two versions of one series is the same (dsync); beyond 2.3 there is no replicator.
const versions = (here: SideReport, there: SideReport) =>
  check('version', here.dialect === '2.3' && there.dialect === '2.3', texts.version, texts.versionBad, {
    here: here.dovecot || '—',
    there: there.dovecot || '—',
  });

const users = (here: SideReport, there: SideReport): Finding => {
  if (here.users === undefined || there.users === undefined) {
    return check('users', false, texts.users, texts.noList, {});
  }

  const missing = here.users.filter(name => !there.users?.includes(name));
  const more = there.users.filter(name => !here.users?.includes(name));
  return check('users', missing.length + more.length === 0, texts.users, texts.usersBad, {
    count: here.users.length,
    missing: some(missing),
    more: some(more),
  });
};

const clocks = (here: SideReport, there: SideReport, asked: number) => {
  const seconds = Math.max(0, Math.abs(there.clock - here.clock) - asked);
  return check('clocks', seconds <= clockBound, texts.clocks, texts.clocksBad, {
    seconds: Math.round(seconds),
    bound: clockBound,
  });
};

const mail = (here: SideReport, there: SideReport): readonly Finding[] => {
  const parted = here.folders.flatMap(({user, folder, guid}) => {
    const other = there.folders.find(one => one.user === user && one.folder === folder);
    return other === undefined || other.guid === guid ? [] : [{user, folder, guid}];
  });
  const known = new Map(here.messages.map(({user, id, guid}) => [`${user} ${id}`, guid]));
  const twice = there.messages.filter(({user, id, guid}) => {
    const own = known.get(`${user} ${id}`);
    return own !== undefined && own !== guid;
  });
  const values = {here: totalOf(here.folders), there: totalOf(there.folders)};
  const folders =
    parted.length > 0
      ? {
          ...check('folders', false, texts.folders, texts.foldersBad, {
            names: some(parted.map(({user, folder}) => `${user} ${folder}`)),
          }),
          evidence: parted
            .slice(0, 20)
            .map(
              ({user, folder, guid}) =>
                `doveadm mailbox update -u ${quoted(user)} --mailbox-guid ${quoted(guid)} ${quoted(folder)}`,
            ),
        }
      : here.folders.length === 0 || there.folders.length === 0
        ? unchecked('folders', texts.foldersUnchecked, emptySide(here.folders, there.folders))
        : check('folders', true, texts.folders, texts.foldersBad, {});
  return [
    {id: 'pair:counts', section: 'replication', severity: 'pass', summary: fill(texts.counts, values)},
    folders,
    // Where one side has none, there is nothing that the other's could be compared with.
    here.messages.length === 0 || there.messages.length === 0
      ? unchecked('copies', texts.copiesUnchecked, emptySide(here.messages, there.messages))
      : check('copies', twice.length === 0, texts.copies, texts.copiesBad, {
          count: twice.length,
          here: here.messages.length,
          there: there.messages.length,
        }),
    {
      id: 'pair:backup',
      section: 'replication',
      severity: 'warning',
      summary: texts.backup,
      remedy: texts.backupRemedy,
    },
  ];
};

const emptySide = (here: readonly unknown[], there: readonly unknown[]): Text =>
  here.length + there.length === 0 ? texts.noneOnBoth : here.length === 0 ? texts.noneHere : texts.noneThere;

const unchecked = (name: string, summary: Text, cause: Text): Finding => ({
  id: `pair:${name}`,
  section: 'replication',
  severity: 'unchecked',
  summary,
  cause,
  remedy: texts.uncheckedRemedy,
});

const check = (
  name: string,
  good: boolean,
  yes: Text,
  no: {readonly en: string; readonly ja: string; readonly remedy: Text},
  values: Readonly<Record<string, string | number>>,
): Finding => {
  const {remedy, ...summary} = no;
  return {
    id: `pair:${name}`,
    section: 'replication',
    severity: good ? 'pass' : 'fail',
    summary: fill(good ? yes : summary, values),
    ...(good ? {} : {remedy: fill(remedy, values)}),
  };
};

const same = (one: readonly string[], other: readonly string[]) => one.join('\n') === other.join('\n');
// For a shell, whatever the name is.
const quoted = (text: string) => `'${visibleLine(text).replaceAll("'", "'\\''")}'`;

// Names of accounts and folders are the other side's words.
const some = (names: readonly string[]) =>
  names.length === 0
    ? '—'
    : `${names
        .slice(0, 5)
        .map(name => visibleLine(name, 80))
        .join(', ')}${names.length > 5 ? ` … (${names.length})` : ''}`;
