// Measures, on a throwaway host, what the README promises, each beside its baseline in the same run. `npm run bench` asks before it
// installs anything. Exit code 0: every figure within its limit; 2: one is not.
import {readFileSync} from 'node:fs';
import {code, goInside, hosts, refuse, root, say} from './lab.mjs';

const name = 'bench';
const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
/** Minutes may pass while packages are installed; in milliseconds. */
const long = 900_000;
/** Settings that both are asked to hold. */
const settings = 60;
const args = process.argv.slice(2);
/** Times that the server is set up and taken back. */
const setUps = args.includes('--quick') ? 1 : 3;
process.exitCode = await (args[0] === '--inside'
  ? inside()
  : goInside(new URL(import.meta.url).pathname, args, name));

async function inside() {
  const {bootHost, labReason} = await hosts();
  const reason = labReason();
  if (reason !== undefined) {
    return refuse(name, `No host can be booted here: ${reason}.`, code.needsRootOrTerminal);
  }

  const {build} = await import('esbuild');
  await build({
    entryPoints: [`${root}scripts/bench-inside.mjs`],
    outfile: `${root}build/bench-inside.mjs`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
    banner: {
      js: "import {createRequire as __makeRequire} from 'node:module';const require=__makeRequire(import.meta.url);",
    },
  });
  say(name, 'Booting a host …');
  const host = await bootHost();
  const stop = () => void host.stop().then(() => process.exit(code.interrupted));
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  try {
    const rows = await measure(host);
    const missed = rows.filter(({ok}) => !ok).length;
    console.log(`\n${table(rows)}\n\n${rows.length - missed} within their limit, ${missed} not`);
    return missed === 0 ? code.done : code.failed;
  } finally {
    await host.stop();
  }
}

async function measure(host) {
  const run = async (file, words, options = {}) => {
    const result = await host.run(file, words, {timeout: long, ...options});
    if (result.exitCode !== 0) {
      throw new Error(`${file} ${words.join(' ')}: ${result.exitCode}\n${result.stdout}${result.stderr}`);
    }

    return result.stdout;
  };
  const part = async which =>
    JSON.parse(await run(`/opt/dovetail/${runtimeOf()}`, ['/opt/dovetail/build/bench-inside.mjs', which]));

  say(name, `Setting up a mail server, ${setUps} times …`);
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  await clockCommands(host, run);
  const transactions = [];
  for (let n = 0; n < setUps; n += 1) {
    if (n > 0) {
      await run('rm', ['-rf', '/var/vmail/example.test']);
      await run(dovetail, ['rollback']);
    }

    await run(dovetail, ['apply', '--answers', answers, '--yes']);
    transactions.push(transactionOf(host, await newest(run)));
  }

  say(name, 'Installing Ansible …');
  await run('apt-get', ['update', '-q']);
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'ansible-core']);
  const count = await playbook(host, run);
  say(name, `Planning ${count} settings …`);
  const plans = await part('planning');
  say(name, 'Starting, typing, scrolling …');
  const starts = await part('starts');
  const terminal = await part('terminal');
  say(name, 'Planning with every section in use …');
  host.write('/root/every.yaml', everySection());
  host.write('/root/carl.password', 'staple-battery-horse\n', 0o600);
  await run(dovetail, ['apply', '--answers', '/root/every.yaml', '--yes']);
  const all = await part('every');
  // What is measured next is measured on the server of before.
  await run(dovetail, ['rollback']);
  say(name, 'Changing one section …');
  host.write(
    '/root/one.yaml',
    readFileSync(`${root}examples/first-server.yaml`, 'utf8').replace('[imap, pop3]', '[imap]'),
  );
  await run(dovetail, ['apply', '--answers', '/root/one.yaml', '--yes']);
  const pieces = await part('pieces');
  say(name, 'Taking in aliases, up to a million …');
  const many = await part('aliases');
  say(name, 'Changing one of 100,000 accounts …');
  const accounts = await part('accounts');

  const node = median(starts.node);
  const times = (what, ms, limit) =>
    row(what, `${ms.toFixed(0)} ms`, `node ${node.toFixed(0)} ms`, ms / node, '×', limit);
  const overhead = median(transactions.map(({all, commands}) => (100 * (all - commands)) / commands));
  const commands = median(transactions.map(({commands: ms}) => ms));
  return [
    times('first frame of the wizard', median(starts.frame), 5),
    times('--version', median(starts.version), 2),
    times('--help', median(starts.help), 2),
    times('status', median(starts.status), 2),
    row('memory of the wizard, first screen', '', '', terminal.first, ' MiB', 90),
    row(
      'memory of the wizard, review',
      `peak ${terminal.peak.toFixed(0)} MiB`,
      '',
      terminal.review,
      ' MiB',
      90,
    ),
    row(
      'bytes for a typed character',
      `at most ${Math.max(...terminal.typed)}`,
      '',
      median(terminal.typed),
      ' B',
      110,
    ),
    row(
      'bytes for a step in a diff',
      `at most ${Math.max(...terminal.scrolled)}`,
      '',
      median(terminal.scrolled),
      ' B',
      500,
    ),
    row('bytes while nothing is done, 3 s', '', '', terminal.idle, ' B', 0),
    row(
      `plan with nothing to change, ${count} settings`,
      `${median(plans.plan).toFixed(0)} ms`,
      `ansible-playbook --check --diff ${(median(plans.ansible) / 1000).toFixed(1)} s`,
      median(plans.plan) / median(plans.ansible),
      ' of it',
      1 / 20,
      2,
    ),
    row(
      `plan with every section in use, ${all.sections} of them`,
      `at most ${(Math.max(...all.plans) / 1000).toFixed(2)} s`,
      '',
      median(all.plans) / 1000,
      ' s',
      0.6,
    ),
    row(
      'what the transaction adds',
      `${((commands * overhead) / 100).toFixed(0)} ms`,
      `apt-get and systemctl ${(commands / 1000).toFixed(1)} s`,
      overhead,
      ' %',
      5,
    ),
    row('detection', '', '', median(pieces.detect), ' ms', 150),
    row(
      'journal of one section',
      `${pieces.entries} entries, ${(pieces.bytes / 1024).toFixed(0)} KiB`,
      '',
      median(pieces.journal),
      ' ms',
      150,
    ),
    ...aliasRows(many),
    ...['list', 'add', 'passwd'].map(act =>
      row(
        `users ${act}, 100,000 accounts`,
        `${(median(accounts.cpu[act]) / 1000).toFixed(1)} s of processor`,
        '',
        median(accounts[act]) / 1000,
        ' s',
        1,
      ),
    ),
    row('the same, peak of memory', '', '', Math.max(...accounts.memory), ' MiB', 150),
  ];
}

// The example with the most sections, and of the others what can stand beside them on one server.
function everySection() {
  return `${readFileSync(`${root}examples/guarded-server.yaml`, 'utf8')}
auth:
  backends: [passwd-file, pam]
auth-pam:
  accounts:
    - name: carl
      password: {from: file:/root/carl.password}
protocols:
  services: [imap, pop3]
mailboxes:
  own: [Projects]
domains:
  also: [example.invalid]
  aliases: ['sales@example.test=anna@example.test', 'all@example.invalid=anna@example.test']
limits:
  connection_rate: 60
  message_rate: 120
spam:
  access: ['sender:spam.invalid=REJECT']
`;
}

function aliasRows(many) {
  const seconds = values => median(values) / 1000;
  const cpu = values => `${seconds(values).toFixed(1)} s of processor`;
  return [
    row(
      '100,000 aliases: read, judged, shown, compiled',
      cpu(many.cpu.many),
      '',
      seconds(many.many),
      ' s',
      3,
    ),
    row('the same, peak of memory', '', '', median(many.memory), ' MiB', 250),
    row('one changed alias among 100,000', cpu(many.cpu.one), '', seconds(many.one), ' s', 2),
    row('the same, peak of memory', '', '', median(many.oneMemory), ' MiB', 250),
    row(
      '1,000,000 aliases',
      `${cpu([many.million.cpu])}, peak ${many.million.peak.toFixed(0)} MiB`,
      '',
      many.million.ms / 1000,
      ' s',
      30,
    ),
  ];
}

// The bare commands are timed where they run: a shell around each of them notes when it began and ended.
async function clockCommands(host, run) {
  for (const path of ['/usr/bin/apt-get', '/usr/bin/systemctl']) {
    await run('mv', [path, `${path}.bare`]);
    host.write(
      path,
      `#!/bin/sh
began=$(date +%s%N)
"${path}.bare" "$@"
status=$?
echo "$began $(date +%s%N)" >> /root/commands
exit $status
`,
      0o755,
    );
  }
}

async function newest(run) {
  const [{id}] = JSON.parse(await run(dovetail, ['history', '--json']));
  return id;
}

// From what is durable before the first act to the moment in which the proof begins; commands that overlap count once.
function transactionOf(host, id) {
  const journal = readFileSync(`${host.tree}/var/lib/dovetail/tx/${id}/journal`, 'utf8');
  const at = state => Date.parse(new RegExp(`"state":"${state}","at":"([^"]+)"`).exec(journal)?.[1]);
  const [from, to] = [at('prepared'), at('verifying')];
  let commands = 0;
  let end = from;
  for (const line of readFileSync(`${host.tree}/root/commands`, 'utf8').trim().split('\n').sort()) {
    const [began, ended] = line.split(' ').map(stamp => Number(stamp) / 1e6);
    if (began >= from && ended <= to) {
      commands += Math.max(0, ended - Math.max(began, end));
      end = Math.max(end, ended);
    }
  }

  return {all: to - from, commands};
}

// One task a setting, on the files that the settings stand in; Ansible agrees that there is nothing to change.
async function playbook(host, run) {
  const files = (
    await run('find', ['/etc/postfix/main.cf', '/etc/dovecot', '-type', 'f', '-regex', '.*\\.c\\(f\\|onf\\)'])
  )
    .trim()
    .split('\n');
  const lines = files.flatMap(path =>
    readFileSync(`${host.tree}${path}`, 'latin1')
      .split('\n')
      .filter(line => /^\s*[a-z0-9_]+ = \S/.test(line))
      .map(line => ({path, line})),
  );
  // A file may say the same name in several blocks: the whole line is looked for.
  const unique = lines.filter(
    ({path, line}, index) => lines.findIndex(other => other.path === path && other.line === line) === index,
  );
  const chosen = unique.slice(0, settings);
  const tasks = chosen.map(({path, line}, index) => ({
    name: `setting ${index + 1}`,
    'ansible.builtin.lineinfile': {path, regexp: `^${line.replaceAll(/[^\w\s/-]/g, '\\$&')}$`, line},
  }));
  host.write(
    '/root/bench.yaml',
    JSON.stringify([{hosts: 'localhost', connection: 'local', gather_facts: false, tasks}]),
  );
  return chosen.length;
}

function runtimeOf() {
  return process.execPath.slice(process.execPath.indexOf('node_modules/'));
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function row(what, ours, baseline, figure, unit, limit, digits = 1) {
  const words = value => `${Number(value.toFixed(digits + (limit < 1 ? 1 : 0)))}${unit}`;
  return {what, ours, baseline, figure: words(figure), limit: words(limit), ok: figure <= limit};
}

function table(rows) {
  const columns = ['what', 'ours', 'baseline', 'figure', 'limit'];
  const all = [
    Object.fromEntries(columns.map(column => [column, column])),
    ...rows.map(entry => ({...entry, limit: `${entry.limit}${entry.ok ? '' : '  MISSED'}`})),
  ];
  const widths = columns.map(column => Math.max(...all.map(entry => entry[column].length)));
  return all
    .map(entry =>
      columns
        .map((column, n) => entry[column].padEnd(widths[n]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
