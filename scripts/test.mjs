// Typecheck, lint, then all tests; closes with `N passed, N failed`.
import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const [mode = '', part] = process.argv.slice(2);
const node = process.execPath;
const releases = ['bookworm', 'trixie', 'el9'];
const release = releases.includes(part) ? part : undefined;
const env = {
  ...process.env,
  PATH: `${join(node, '..')}:${process.env.PATH}`,
  ...(['--full', '--guest'].includes(mode) ? {DOVETAIL_FULL: '1'} : {}),
  ...(release === undefined ? {} : {DOVETAIL_RELEASE: release}),
};
delete env.CI; // AVA only repaints less; the programs under test must not think that they run in CI.
/**
 * What `./test/run` takes of the lab, in the order in which it is begun, the longest first: each platform's first server, the
 * transaction and the wizard on real hosts. `--lab` takes all of it.
 */
const chosen = [
  'transaction/undo',
  'secrets',
  'ui/hang-up',
  'worker/worker',
  'first-server',
  'first-server-trixie',
  'transaction/live',
];
/** What `--full` takes first: every kill point of the real program, and power cuts. The longest first. */
const thorough = [
  'transaction/binary',
  'transaction/syscalls',
  'transaction/power',
  'transaction/others',
  'transaction/confirm',
  'trouble',
  'changes/metadata',
  'changes/selinux',
];
/**
 * Files of the lab that say nothing of a release: `--lab RELEASE` (trixie, el9) runs them on another one than they usually have. The
 * longest first.
 */
const anywhere = [
  'transaction/undo',
  'ui/paths',
  'worker/worker',
  'secrets',
  'ui/hang-up',
  'gateway',
  'steps/auth-sql',
  'steps/auth-ldap',
  'adopt',
  'world',
  'one-section',
  'both-back-ends',
  'dovecot-only',
  'system-users',
  'bad-input',
  'commands/client-settings',
  'commands/root',
  'commands/users',
  'commands/users-import',
  'linear/plain',
  'steps/attachments',
  'steps/domains',
  'steps/firewall',
  'steps/firewall-zones',
  'steps/fresh',
  'steps/lmtp',
  'steps/relay',
  'steps/sieve',
  'steps/spam',
  'steps/storage',
  'steps/submission-users',
  'steps/tls',
  'steps/watch',
  'transaction/confirm',
  'transaction/live',
  'ui/sections',
  'ui/tui',
];
/**
 * What `--lab RELEASE` takes beside them. On EL9 what needs packages of other sources is left out (fail2ban, rspamd, ClamAV, opendkim,
 * certbot, ufw), and what needs a database server on the machine itself; on Debian 13 what 2.4 has no more (replication).
 */
const alsoOn = {
  bookworm: ['first-server'],
  trixie: [
    'first-server-trixie',
    'adopt-postfix',
    'trouble',
    'changes/metadata',
    'changes/selinux',
    'steps/auth-sql-made',
    'steps/brute-force',
    'steps/filter',
    'steps/filter-viruses',
    'steps/firewall-others',
    'steps/packages',
    'steps/signing',
  ],
  el9: ['first-server-el9', 'trouble-el9', 'steps/replication'],
};
/** What `--lab SUBJECT` takes: all procedures of one of the two servers. */
const subjects = {
  dovecot: [
    'steps/replication',
    'steps/certbot',
    'steps/fresh',
    'steps/auth-sql-made',
    'steps/auth-sql-made-trixie',
    'steps/auth-sql',
    'steps/auth-sql-trixie',
    'steps/auth-ldap',
    'steps/auth-ldap-trixie',
    'steps/tls',
    'steps/storage',
    'steps/sieve',
    'steps/lmtp',
    'steps/firewall',
    'steps/firewall-zones',
    'first-server',
    'first-server-trixie',
    'adopt',
    'both-back-ends',
    'dovecot-only',
    'one-section',
    'system-users',
    'commands/client-settings',
    'commands/users',
    'commands/users-import',
    'commands/migrate-logins',
    'linear/plain',
    'planner/parsers',
    'planner/silent-traps',
    'ui/paths',
    'ui/tui',
  ],
  postfix: [
    'steps/filter-viruses',
    'steps/filter',
    'steps/attachments',
    'steps/signing',
    'steps/brute-force',
    'steps/spam',
    'steps/relay',
    'steps/domains',
    'steps/submission-users',
    'steps/submission-users-trixie',
    'steps/auth-ldap',
    'steps/auth-ldap-trixie',
    'steps/auth-sql',
    'steps/auth-sql-trixie',
    'gateway',
    'gateway-trixie',
    'first-server',
    'first-server-trixie',
    'world',
    'adopt',
    'adopt-postfix',
    'bad-input',
    'both-back-ends',
    'dovecot-only',
    'one-section',
    'system-users',
    'trouble',
    'planner/parsers',
    'ui/paths',
    'ui/sections',
  ],
};
if (part !== undefined && (mode !== '--lab' || ![...releases, ...Object.keys(subjects)].includes(part))) {
  console.error(`./test/run --lab [${[...releases, ...Object.keys(subjects)].join('|')}]`);
  process.exit(64);
}

const count = {passed: 0, failed: 0, skipped: 0};

rmSync(join(root, 'build'), {recursive: true, force: true});
await step('typecheck', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
const trees = ['--fast', '--guest'].includes(mode) ? undefined : fetchTrees();
await step('lint', [
  'node_modules/@biomejs/biome/bin/biome',
  'check',
  'src',
  'steps',
  'templates',
  'test',
  'scripts',
]);
await step('dependency rules', ['scripts/check-imports.mjs']);
await step('bundle', ['scripts/bundle.mjs']);
env.DOVETAIL_BUNDLED = '1';

const files = readdirSync(join(root, 'build/test'), {recursive: true})
  .filter(name => name.endsWith('.test.js'))
  .map(name => join('build/test', name));
const pathOf = name => `build/test/${name}.lab.test.js`;
const lab = files.filter(name => name.endsWith('.lab.test.js'));
const first = ({'--full': [...thorough, ...chosen], '--guest': ['selinux-guest']}[mode] ?? chosen).map(
  pathOf,
);
const named = release === undefined ? subjects[part] : [...alsoOn[release], ...anywhere];
/** Files of the lab that are not begun yet. */
const waiting =
  named?.map(pathOf) ??
  (mode === '--lab' ? [...first, ...lab.filter(name => !first.includes(name))] : [...first]);
const pure = () =>
  ava(
    files.filter(name => !name.endsWith('.lab.test.js') && release === undefined && mode !== '--guest'),
    ['--concurrency', '2'],
  );
if (mode === '--fast') {
  await pure();
} else if (mode === '--full') {
  // A harness that goes through every point keeps little more than one processor busy for most of an hour: the hosts have the other.
  await trees;
  await Promise.all([pure(), inLab(2)]);
} else {
  // A host waits often, for packages, for systemd, for answers: the pure tests have those moments, and a third host what they leave.
  await Promise.all([
    (async () => {
      await trees;
      await inLab(2);
    })(),
    (async () => {
      await pure();
      await inLab(1);
    })(),
  ]);
}

if (!['--fast', '--lab'].includes(mode)) {
  console.log(`# ${lab.length - first.length} files of the lab are left to ./test/run --lab`);
}

if (count.skipped > 0) {
  console.log(`${count.skipped} skipped: what they need is not here; each says what`);
}

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;

async function step(name, args) {
  const started = Date.now();
  const {error, stdout, stderr} = await new Promise(resolve =>
    execFile(node, args, {cwd: root, env, maxBuffer: 1e8}, (error, stdout, stderr) =>
      resolve({error, stdout, stderr}),
    ),
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (error === null) {
    count.passed += 1;
    console.log(`ok - ${name} (${seconds} s)`);
  } else {
    count.failed += 1;
    console.log(`not ok - ${name} (${seconds} s)\n${stdout}${stderr}`);
  }
}

/** The files of the lab that wait, as many at once as `slots`. */
async function inLab(slots) {
  const {bootedBy} = await import('../build/test/hosts/booted.js');
  const notes = mkdtempSync(join(tmpdir(), 'dovetail-booted-'));
  await Promise.all(
    Array.from({length: slots}, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const name = next.replace(/^build\/test\/|\.test\.js$/g, '');
        const started = Date.now();
        const noted = join(notes, name.replaceAll('/', '-'));
        // What a file really booted: of EL9 there is a stand-in alone, and it is called one.
        const world = () =>
          [bootedBy(noted)]
            .filter(Boolean)
            .map(words => ` [${words}]`)
            .join('');
        await ava([next], [], () => `${name}${world()} › `, {DOVETAIL_BOOTED: noted});
        console.log(`# ${name}${world()}: ${Math.round((Date.now() - started) / 1000)} s`);
      }
    }),
  );
  rmSync(notes, {recursive: true});
}

/** The trees that the hosts stand on, made beside the lint: most of their time is waiting for packages. */
async function fetchTrees() {
  // What goes wrong is said by the first test that boots a host.
  try {
    const {baseTree, labReason} = await import('../build/test/hosts/host.js');
    if (labReason() === undefined) {
      await Promise.allSettled(['bookworm', 'trixie'].map(release => baseTree(release)));
    }
  } catch {}
}

/** Runs files of tests; `before` gives what is put before their names, where a single file's do not tell it. */
async function ava(tests, options, before = () => '', more = {}) {
  if (tests.length === 0) {
    return;
  }

  const child = spawn(
    node,
    [
      'node_modules/ava/entrypoints/cli.mjs',
      '--tap',
      ...options,
      // A test that goes through every point, or in an emulated machine, says nothing for a long time.
      ...(['--full', '--guest'].includes(mode) ? ['--timeout=120m'] : []),
      ...tests,
    ],
    {
      cwd: root,
      env: {...env, ...more},
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let rest = '';
  let failed = 0;
  const take = line => {
    failed += line.startsWith('not ok ') ? 1 : 0;
    tally(line.replace(/^((?:not )?ok \d+ - )/, `$1${before()}`));
  };
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', chunk => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
  const code = await new Promise(resolve => child.on('close', resolve));
  take(rest);
  if (code !== 0 && failed === 0) {
    count.failed += 1;
    console.log(`not ok - ${before()}the test runner ended with ${code}`);
  }
}

function tally(line) {
  if (line.startsWith('not ok ')) {
    count.failed += 1;
  } else if (/^ok .*# SKIP/i.test(line)) {
    count.skipped += 1;
  } else if (line.startsWith('ok ')) {
    count.passed += 1;
  }

  if (line.trim() !== '' && !/^(?:TAP version|1\.\.\d|# (?! ))/.test(line)) {
    console.log(line);
  }
}
