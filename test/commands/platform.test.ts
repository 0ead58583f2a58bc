import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type CommandContext, openMachine} from '../../src/commands/context.js';
import {exitCode} from '../../src/core/exit-code.js';
import {ProblemError} from '../../src/core/finding.js';
import {status} from '../../src/commands/status.js';
import {platforms, postfixLogOf} from '../../src/platforms/index.js';

/** A tree with nothing but the name of its system, and a command's view of it. */
const treeOf = (
  t: ExecutionContext,
  release: string,
  options: CommandContext['options'] = {},
  said: string[] = [],
): CommandContext => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-platform-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/os-release'), release);
  return {
    lang: 'en',
    out: line => void said.push(line),
    err: () => undefined,
    root: true,
    user: 'root',
    options: {...options, root},
    args: [],
    script: '/nowhere/dovetail.mjs',
    self: {file: '/nowhere/node', args: []},
  };
};

/** Such a tree opened; a problem is given back. */
const opened = async (t: ExecutionContext, release: string, options: CommandContext['options'] = {}) => {
  try {
    return (await openMachine(treeOf(t, release, options))).platform.id;
  } catch (error) {
    if (error instanceof ProblemError) {
      return error.problem;
    }

    throw error;
  }
};

const fedora = 'ID=fedora\nVERSION_ID="44"\nPRETTY_NAME="Fedora Linux 44"\n';
const ubuntu = 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n';
const devuan = 'ID=devuan\nVERSION_ID="5"\nPRETTY_NAME="Devuan GNU/Linux 5 (daedalus)"\n';

test('a machine that is none of those known is refused, with a list of what is supported', async t => {
  const problem = await opened(t, devuan);
  t.like(problem, {
    code: exitCode.unsupportedPlatform,
    what: {en: 'This system is not known: Devuan GNU/Linux 5 (daedalus).'},
  });
  const listed = typeof problem === 'string' ? '' : problem.remedy.en;
  for (const {id, name, foreign} of platforms) {
    t.is(listed.includes(`${name} (${id})`), foreign === undefined, id);
  }
});

test('“--platform” takes the nearest; a name that is none is said to be none, with the list', async t => {
  t.is(await opened(t, devuan, {platform: 'debian12'}), 'debian12');
  const problem = await opened(t, 'ID=debian\nVERSION_ID="12"\n', {platform: 'debain12'});
  t.like(problem, {
    code: exitCode.unsupportedPlatform,
    what: {en: 'There is no platform “debain12”.'},
  });
  t.regex(typeof problem === 'string' ? '' : problem.remedy.en, /Debian 12 \(bookworm\) \(debian12\)/);
});

test('what is looked for on a machine is what the platform has that was named for it', async t => {
  const named = (await openMachine(treeOf(t, devuan, {platform: 'rhel9'}))).facts;
  t.true('/etc/pki/dovetail/server.key' in named.paths);
  t.is(named.platformId, '');
  t.is(named.platformNamed, 'rhel9');
  t.is(postfixLogOf(named), 'postfix');
  const own = (await openMachine(treeOf(t, 'ID=debian\nVERSION_ID="12"\n'))).facts;
  t.false('/etc/pki/dovetail/server.key' in own.paths);
  t.is(own.platformNamed, undefined);
  t.is(postfixLogOf(own), 'postfix@-');
  t.is(postfixLogOf({os: named.os}), 'postfix*');
});

test('before anything is asked, and in the status, it is said that a platform was named and what of it was verified', async t => {
  const {findings} = (await openMachine(treeOf(t, devuan, {platform: 'ubuntu24.04'}))).facts;
  t.deepEqual(
    findings.map(({id}) => id),
    ['platform:forced', 'platform:unverified'],
  );
  const said: string[] = [];
  await status(treeOf(t, devuan, {platform: 'ubuntu24.04'}, said));
  t.regex(said.join('\n'), /treated as Ubuntu 24\.04, because “--platform” says so/);
  t.regex(
    said.join('\n'),
    /never run on Ubuntu 24\.04.*\n +Verified on the system itself: nothing; Not checked: /,
  );
  const own: string[] = [];
  await status(treeOf(t, ubuntu, {}, own));
  t.notRegex(own.join('\n'), /treated as/);
  t.regex(own.join('\n'), /Verified on the system itself: nothing/);
});

test('where packages cannot be installed the refusal says what was verified there, and nothing refuses a look', async t => {
  const problem = await opened(t, fedora);
  t.like(problem, {
    code: exitCode.unsupportedPlatform,
    what: {en: 'dovetail knows Fedora 44, but cannot install packages with dnf5 yet.'},
    cause: {
      en: 'Verified on the system itself: nothing; From its packages: package names, version of Dovecot; Not checked: start on installation, paths, units, columns and names of Postfix, mail log',
    },
  });
  const {en, ja} = typeof problem === 'string' ? {en: '', ja: ''} : problem.remedy;
  for (const remedy of [en, ja]) {
    t.regex(remedy, /--platform/);
  }

  t.regex(en, /Debian 13 \(trixie\) \(debian13\): verified\./);
  t.regex(en, /Rocky Linux 9 \(rhel9\): tried on a stand-in, not on the system itself\./);
  t.regex(en, /Ubuntu 24\.04 \(ubuntu24\.04\), .*\(el10\): known, never run there\./);
  t.is((await openMachine(treeOf(t, fedora), {reading: true})).platform.id, 'fedora44');
});
