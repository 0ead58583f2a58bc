import {createHash} from 'node:crypto';
import {renameSync, rmSync} from 'node:fs';
import {baseTree, bootHost, built, type DebianRelease} from './host.js';

/**
 * The trees of a host that a script has changed, the uppermost first: made once for a release and a script, and used by all
 * tests that name the same. The script ends with its services stopped, so that their files are whole.
 */
export const preparedLayers = async (
  name: string,
  release: DebianRelease,
  script: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => {
  const base = await baseTree(release);
  const digest = createHash('sha256')
    .update(JSON.stringify([script, files, base]))
    .digest('hex')
    .slice(0, 12);
  const layer = await built(`${name}-${release}-${digest}`, async folder => {
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
      for (const [path, text] of Object.entries({...files, '/root/prepare.sh': script})) {
        host.write(path, text, 0o600);
      }

      const {exitCode, stdout, stderr} = await host.run('sh', ['/root/prepare.sh'], {timeout: 500_000});
      problem = exitCode === 0 ? '' : (stdout + stderr).slice(-4000);
    } finally {
      await host.stop();
    }

    if (problem !== '') {
      throw new Error(problem);
    }
  });
  return [layer, base];
};
