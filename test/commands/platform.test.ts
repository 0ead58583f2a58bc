import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type CommandContext, openMachine} from '../../src/commands/context.js';
import {exitCode} from '../../src/core/exit-code.js';
import {ProblemError} from '../../src/core/finding.js';
import {platforms, postfixLogOf} from '../../src/platforms/index.js';

/** A tree with nothing but the name of its system, and a command's view of it. */
const treeOf = (
  t: ExecutionContext,
  release: string,
  options: CommandContext['options'] = {},
): CommandContext => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-platform-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/os-release'), release);
  return {
    lang: 'en',
    out: () => undefined,
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
