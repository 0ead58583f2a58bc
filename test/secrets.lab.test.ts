import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {appendFileSync, cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {authority, bootDirectory, directoryName} from './helpers/directory.js';
import {bootHost, type LabHost, labReason, usualRelease} from './hosts/host.js';
import {bootServer, password} from './hosts/server.js';

const reason =
  labReason() ?? (spawnSync('perl', ['-v']).status === 0 ? undefined : 'to see every command needs perl');
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
/** What must be found nowhere but where it is meant to be. */
const canaries = {
  account: 'canary-account-7f3a9c',
  second: 'canary-second-d41b60',
  relay: password,
  directory: 'canary-directory-93ce17',
  person: 'canary-person-5a2f60',
};
/** Files that hold a secret on purpose, and the modes they may have. */
const meant: readonly {readonly path: RegExp; readonly secret: string; readonly mode: RegExp}[] = [
  {path: /^\/root\/(?:carl|bert|directory|person)\.password$/, secret: 'canary', mode: /^600$/},
  {path: /^\/root\/relay\.password$/, secret: canaries.relay, mode: /^600$/},
  {path: /^\/etc\/postfix\/sasl_passwd(?:\.db)?$/, secret: canaries.relay, mode: /^6[04]0$/},
  {
    path: /^\/etc\/dovecot\/dovecot-ldap(?:-password)?\.conf\.ext$/,
    secret: canaries.directory,
    mode: /^600$/,
  },
  // What 2.4 has read of its whole configuration.
  {path: /^\/run\/dovecot\/dovecot\.conf\.binary$/, secret: canaries.directory, mode: /^600$/},
  {path: /^\/etc\/postfix\/[a-z_-]*ldap[a-z_-]*\.cf$/, secret: canaries.directory, mode: /^640$/},
  // Blobs that an undo needs; the folder is root's alone.
  {path: /^\/var\/lib\/dovetail\/tx\/[^/]+\/blobs\/[0-9a-f]+$/, secret: canaries.relay, mode: /^600$/},
  {path: /^\/var\/lib\/dovetail\/tx\/[^/]+\/blobs\/[0-9a-f]+$/, secret: canaries.directory, mode: /^600$/},
];
const answers = (relay: string) => `version: 1
role:
  kind: complete
  hostname: mail.example.test
  domains: [example.test]
auth:
  backends: [passwd-file, ldap]
auth-passwdfile:
  accounts:
    - name: carl@example.test
      password: {from: file:/root/carl.password}
auth-ldap:
  servers: [ldaps://${directoryName}]
  ca: /etc/ssl/certs/directory-ca.pem
  base: ou=people,dc=example,dc=test
  bind_dn: cn=mail,ou=services,dc=example,dc=test
  bind_password: {from: file:/root/directory.password}
  sample: anna@example.test
  sample_password: {from: file:/root/person.password}
tls:
  source: self-signed
smtp:
  admin: carl@example.test
relay:
  how: smarthost
  host: ${relay}
  port: 465
  user: anna@example.test
  password: {from: file:/root/relay.password}
`;

let host: LabHost;
/** The server that it hands its mail to, with a password. */
let relay: LabHost;
let directory: LabHost;
let seen: Watch;
const said: string[] = [];

const dove = async (...args: readonly string[]) => {
  const [tool = '', ...options] = [...seen.around, ...host.enter];
  const {
    stdout,
    stderr,
    exitCode = -1,
  } = await execa(tool, [...options, dovetail, ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: 1_500_000,
  });
  said.push(stdout, stderr);
  return {stdout, stderr, exitCode};
};

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    relay = await bootServer();
    directory = await bootDirectory(usualRelease, {service: canaries.directory, anna: canaries.person});
    host = await bootHost();
    appendFileSync(`${host.tree}/etc/hosts`, `${directory.address} ${directoryName}\n`);
    cpSync(`${directory.tree}${authority}`, `${host.tree}/etc/ssl/certs/directory-ca.pem`);
    host.write('/root/carl.password', `${canaries.account}\n`, 0o600);
    host.write('/root/directory.password', `${canaries.directory}\n`, 0o600);
    host.write('/root/person.password', `${canaries.person}\n`, 0o600);
    host.write('/root/bert.password', `${canaries.second}\n`, 0o600);
    host.write('/root/relay.password', `${canaries.relay}\n`, 0o600);
    host.write('/root/answers.yaml', answers(relay.address));
    seen = await watch(host.enter[2] ?? '');
  }
});

test.after.always(async () => {
  await host?.stop();
  await relay?.stop();
  await directory?.stop();
});

lab('the whole life of a server with secrets of each kind: plan, apply, look, change, check', async t => {
  t.is((await dove('plan', '--verbose', '--answers', '/root/answers.yaml')).exitCode, 2);
  const applied = await dove('apply', '--verbose', '--answers', '/root/answers.yaml', '--yes');
  t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
  const added = await dove(
    'users',
    'add',
    'bert@example.test',
    '--password-from',
    'file:/root/bert.password',
  );
  t.is(added.exitCode, 0, added.stdout + added.stderr);
  await dove('check', '--account', 'carl@example.test', '--password-from', 'file:/root/carl.password');
  const {stdout} = await dove('history', '--json');
  for (const {id} of JSON.parse(stdout) as readonly {readonly id: string}[]) {
    await dove('show', id);
    await dove('show', id, '--json');
  }

  await dove('answers');
  await dove('status', '--json');
  await dove('plan', '--json', '--answers', '/root/answers.yaml');
  // The secrets were really used: the account logs in, and Postfix knows the relay's password.
  for (const [name, input] of [
    ['carl@example.test', canaries.account],
    ['anna@example.test', canaries.person],
  ] as const) {
    const login = await host.run('doveadm', ['auth', 'test', name], {input: `${input}\n`});
    t.regex(login.stdout, /auth succeeded/, name);
  }

  const map = await host.run('grep', ['-c', canaries.relay, '/etc/postfix/sasl_passwd']);
  t.is(map.stdout.trim(), '1');
});

lab('no secret is printed', t => {
  t.true(said.join('').length > 5000);
  t.deepEqual(found(said.join('\n')), []);
});

lab('no secret is in the system’s journal', async t => {
  const {stdout} = await host.run('journalctl', ['--no-pager', '--output=export', '--all']);
  t.true(stdout.length > 10_000);
  t.deepEqual(found(stdout), []);
});

lab('secrets are in the files that are meant to hold them, and these are closed', t => {
  const files = holders(host.tree);
  t.true(files.some(({path}) => path === '/etc/postfix/sasl_passwd'));
  t.deepEqual(
    files.filter(
      ({path, mode, secret}) =>
        !meant.some(entry => entry.path.test(path) && secret.includes(entry.secret) && entry.mode.test(mode)),
    ),
    [],
  );
});

lab('private keys and hashes are closed to everybody but who must read them', t => {
  const open = filesBelow(host.tree, ['etc', 'var', 'root', 'run', 'tmp'])
    .filter(({mode}) => (mode & 0o007) !== 0)
    .filter(({path}) =>
      /BEGIN [A-Z ]*PRIVATE KEY|\{BLF-CRYPT\}\$2|\$2y\$12\$/.test(read(join(host.tree, path))),
    )
    .map(({path}) => path)
    // The packages' own key for tests that everybody has is not a secret of this server.
    .filter(path => !path.startsWith('/usr/'));
  t.deepEqual(open, []);
});

lab('after the undo no secret is left but in the files that it came from', async t => {
  await host.run('rm', ['-rf', '/var/vmail/example.test']);
  // What still waits would keep the undo from taking Postfix away.
  await host.run('postsuper', ['-d', 'ALL']);
  const {exitCode, stdout, stderr} = await dove('rollback');
  t.true([0, 7].includes(exitCode), stdout + stderr);
  t.deepEqual(found(said.join('\n')), []);
  t.deepEqual(
    holders(host.tree)
      .map(({path}) => path)
      .filter(path => !/^\/root\/\w+\.password$/.test(path) && !/^\/var\/lib\/dovetail\/tx\//.test(path)),
    [],
  );
});

lab('no secret was an argument or in the environment of any process, from the first to the undo', async t => {
  const lines = (await seen.stop()).split('\n').filter(line => line.includes(' exec '));
  t.true(lines.length > 500, `${lines.length}`);
  for (const program of ['doveadm', 'postmap', ...(usualRelease === 'el9' ? ['dnf'] : ['apt-get', 'dpkg'])]) {
    t.true(
      lines.some(line => line.includes(`/${program}"`)),
      program,
    );
  }

  t.deepEqual(
    lines.filter(line => found(line).length > 0).map(line => line.slice(0, 300)),
    [],
  );
});

const found = (text: string) =>
  Object.entries(canaries)
    .filter(([, value]) => text.includes(value) || text.includes(Buffer.from(value).toString('base64')))
    .map(([name]) => name);

type Entry = {readonly path: string; readonly mode: number};

const filesBelow = (root: string, folders: readonly string[]): readonly Entry[] =>
  folders.flatMap(folder =>
    readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'}).flatMap(name => {
      const path = `/${folder}/${name}`;
      const stat = lstatSync(join(root, path), {throwIfNoEntry: false});
      return stat?.isFile() === true ? [{path, mode: stat.mode & 0o7777}] : [];
    }),
  );

const holders = (root: string) =>
  filesBelow(root, ['etc', 'home', 'root', 'run', 'srv', 'tmp', 'var']).flatMap(({path, mode}) => {
    const text = read(join(root, path));
    return Object.values(canaries)
      .filter(value => text.includes(value))
      .map(secret => ({path, mode: mode.toString(8), secret}));
  });

const read = (path: string) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

type Watch = {
  /** Puts a command under the same eyes: what it starts itself is no child of the host's first process. */
  readonly around: readonly string[];
  /** Ends the watch; every program that was started, with all its arguments and its whole environment, one a line. */
  readonly stop: () => Promise<string>;
};

// The host's first process is followed, and with it every unit, the worker's among them.
const watch = async (leader: string): Promise<Watch> => {
  const folder = mkdtempSync(join(tmpdir(), 'dovetail-watch-'));
  const tracer = new URL('../../test/helpers/exec-trace.pl', import.meta.url).pathname;
  const child = spawn('perl', [tracer, join(folder, 'units'), '-p', leader], {stdio: 'ignore'});
  const ended = new Promise(resolve => child.once('close', resolve));
  for (let tries = 0; tracerOf(leader) !== child.pid; tries += 1) {
    if (tries === 200 || child.exitCode !== null) {
      throw new Error('the host could not be looked at');
    }

    await new Promise(resolve => setTimeout(resolve, 50));
  }

  return {
    around: ['perl', tracer, join(folder, 'commands')],
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      const text = ['units', 'commands'].map(name => readFileSync(join(folder, name), 'latin1')).join('\n');
      rmSync(folder, {recursive: true});
      return text;
    },
  };
};

const tracerOf = (pid: string) =>
  Number(/^TracerPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
