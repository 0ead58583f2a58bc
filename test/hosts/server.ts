import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {baseLayers, bootHost, built, type LabHost, lab, type Release, usualRelease} from './host.js';

const root = new URL('../../../', import.meta.url).pathname;
const answers = 'examples/first-server.yaml';
/** The password of anna@example.test, the first mailbox of that server. */
export const password = 'correct-horse-battery';

/**
 * Boots a server that the program itself has set up before with the answers of examples/first-server.yaml, for tests that are
 * about something else than the first set-up. Made once for a build of the program and a release, and used by all tests.
 */
export const bootServer = async (release: Release = usualRelease): Promise<LabHost> => {
  const key = createHash('sha256');
  // The entry names its chunks by their digests, so it stands for all of the program.
  for (const name of ['dist/dovetail.mjs', answers]) {
    key.update(readFileSync(join(root, name)));
  }

  // It fits what it was made on, and nothing else.
  const base = await baseLayers(release);
  key.update(base);
  const name = `server-${release}-${key.digest('hex').slice(0, 16)}`;
  const layer = await built(name, async folder => {
    dropOld(`server-${release}-`);
    const host = await bootHost({
      release,
      layers: [base],
      keep: upper => {
        rmSync(folder, {recursive: true});
        renameSync(upper, folder);
      },
    });
    let problem = '';
    try {
      host.write('/root/anna.password', `${password}\n`, 0o600);
      const {exitCode, stdout, stderr} = await host.run('/opt/dovetail/dovetail', [
        ...['apply', '--answers', `/opt/dovetail/${answers}`, '--yes'],
      ]);
      problem = exitCode === 0 ? '' : stdout + stderr;
    } finally {
      await host.stop();
    }

    if (problem !== '') {
      throw new Error(problem);
    }
  });
  return bootHost({release, layers: [layer, base]});
};

// Those of earlier builds are of no use any more, unless somebody works on another copy of the project beside this one.
const dropOld = (prefix: string) => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  for (const path of readdirSync(lab)
    .filter(each => each.startsWith(prefix) && !each.endsWith('.lock'))
    .map(each => join(lab, each))) {
    if (!mounts.includes(path) && Date.now() - statSync(path).mtimeMs > keptFor) {
      rmSync(path, {recursive: true, force: true});
    }
  }
};

/** Milliseconds. */
const keptFor = 6 * 3_600_000;
