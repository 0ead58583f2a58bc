import {differences, snapshot} from './tree.js';
import type {LabHost} from './host.js';

/**
 * All that an undo must give back on a host, as lines that can be compared with `differences`: the tree with its metadata, and what
 * its own tools tell.
 */
export const stateOf = async (host: LabHost): Promise<ReadonlyMap<string, string>> =>
  new Map([...snapshot(host.tree), ...(await toldBy(host))]);

/**
 * What a host's tools tell of it: packages with their marks and the answers to their questions, units, firewall, users and groups,
 * timers, and what must not be left behind: names of ours beside files, processes, mounts, locks, an unfinished run.
 */
export const toldBy = async (host: Pick<LabHost, 'run'>): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  const lines = async (
    name: string,
    file: string,
    args: readonly string[],
    keep = (_line: string) => true,
  ) => {
    const {stdout} = await host.run(file, args);
    for (const line of stdout.split('\n').filter(each => each !== '' && keep(each))) {
      // Columns are as wide as their longest entry.
      found.set(`${name} ${line.replace(/ +/g, ' ')}`, 'is so');
    }
  };

  await lines('package', 'dpkg-query', ['-W', '-f', `\${Package} \${Version} \${Status}\n`], line =>
    // What was removed without a purge is told by its files; dpkg(1) forgets nothing that it ever knew.
    / installed$/.test(line),
  );
  await lines('package', 'rpm', ['-qa']);
  await lines('mark', 'apt-mark', ['showmanual']);
  await lines('hold', 'apt-mark', ['showhold']);
  await lines('audit', 'dpkg', ['--audit']);
  await lines('alternative', 'update-alternatives', ['--get-selections']);
  await lines('answer', 'grep', ['-hE', '^(Name|Value|Owners):', '/var/cache/debconf/config.dat']);
  await lines('unit file', 'systemctl', ['list-unit-files', '--no-legend', '--no-pager', '--plain'], line =>
    /\b(?:enabled|masked)\b/.test(line),
  );
  await lines('active', 'systemctl', [
    ...['list-units', '--no-legend', '--no-pager', '--plain', '--state=active,failed'],
    ...['--type=service,socket,timer,path'],
  ]);
  await lines('firewall', '/usr/sbin/nft', ['--stateless', 'list', 'ruleset']);
  for (const database of ['passwd', 'group', 'shadow', 'gshadow']) {
    await lines(database, 'getent', [database]);
  }

  await lines('left', 'find', ['/etc', '/usr', '/var', '-xdev', '-name', '.*dovetail-*~']);
  await lines('left', 'find', ['/run', '-maxdepth', '2', '-name', '*dovetail*']);
  await lines('left', 'find', ['/etc/postfix', '-name', '*.cf.tmp']);
  await lines('left', 'find', ['/var/lib/dovetail/current', '-prune']);
  await lines('process', 'pgrep', ['-af', 'dovetail\\.mjs']);
  await lines(
    'mount',
    'findmnt',
    ['-rno', 'TARGET,FSTYPE'],
    line =>
      // ip-netns(8) mounts its folder once and leaves it.
      !/^\/(?:opt\/dovetail\/|run\/netns )/.test(line),
  );
  return found;
};

/** What is on a host and was not, or the other way round, as lines; none where it is as it was. */
export const changesSince = async (
  host: LabHost,
  before: ReadonlyMap<string, string>,
): Promise<readonly string[]> => differences(before, await stateOf(host));
