import {execFileSync} from 'node:child_process';
import test from 'ava';
import {openTerminal, type Terminal, terminalReason} from '../helpers/terminal.js';
import {bootHost, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason() ?? terminalReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const password = 'correct-horse-battery';
/** Milliseconds that staging or installing packages may take. */
const long = 180_000;
let host: LabHost;
let bare: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    bare = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

const open = (term: string, ...args: readonly string[]) =>
  openTerminal([...host.enter, `TERM=${term}`, '/opt/dovetail/dovetail', ...args], {rows: 100});

// Enter takes what is proposed; what is typed is the first address and its password.
const answerAll = async ({press, type, until}: Terminal) => {
  const next = async (words: string | RegExp) => {
    await until(words);
    await press('Enter');
  };
  await next('Begin');
  await next('What shall this machine do?');
  await next('What is its name on the Internet?');
  await next('Mail addresses here end in @…');
  await next('Where do accounts live?');
  await until('Mail address');
  await until(/Mail address:?\s*$/m);
  await type('anna@example.test');
  await press('Enter');
  await until(/Password/);
  await type(password);
  await press('Enter');
  await until(/The same again/);
  await type(password);
  await press('Enter');
  await next(/Another one/);
  await next('Who reads mail for root, postmaster and abuse?');
  await next('Which certificate shall be used?');
  await next('How do people read their mail?');
  await next('How does mail leave?');
  await next('Show what would change');
};

for (const [name, term, args] of [
  ['line prompts', 'screen-256color', ['--plain', '--dry-run']],
  ['numbered prompts on a dumb terminal', 'dumb', ['--dry-run']],
] as const) {
  lab(`a dry run as ${name} prints the whole review and leaves nothing behind`, async t => {
    const terminal = open(term, ...args);
    try {
      await answerAll(terminal);
      await terminal.until('Finish the dry run', long);
      const printed = terminal.history();
      // EL9's own file asks for TLS already.
      t.regex(printed, usualRelease === 'el9' ? /\+ssl_cert = </ : /\+ssl = required/);
      t.regex(printed, usualRelease === 'el9' ? /\+dovecot / : /\+dovecot-core/);
      t.false(printed.includes(password));
      // Numbered choices have nothing preset here: the first is the one.
      await terminal.type(term === 'dumb' ? '1' : '');
      await terminal.press('Enter');
      t.is(await terminal.exit(), 2);
      t.deepEqual(differences(bare, snapshot(host.tree)), []);
    } finally {
      terminal.close();
    }
  });
}

lab('line prompts lead from the bare machine to the proved server', async t => {
  const terminal = open('screen-256color', '--plain');
  try {
    await answerAll(terminal);
    await terminal.until('Yes, make the changes', long);
    await terminal.press('Enter');
    await terminal.until(/Type “yes” to make the changes/);
    await terminal.type('yes');
    await terminal.press('Enter');
    await terminal.until(/What next\?[\s\S]*Finish/, long);
    await terminal.press('Enter');
    t.is(await terminal.exit(), 0);
    const printed = terminal.history();
    t.regex(printed, /\[1\/\d+\] \d+ packages/);
    t.regex(printed, /A message sent by anna@example\.test arrived/);
    t.regex(printed, /Done\. The server was set up and proved\./);
    // Before that stands what could not be looked up on a machine without the Internet.
    t.notRegex(printed.slice(printed.search(/\[1\/\d+\] /)), /\[FAIL\]|\[\?\]/);
    t.false(printed.includes(password));
  } finally {
    terminal.close();
  }

  const {stdout} = await host.run('doveadm', ['auth', 'test', 'anna@example.test'], {input: `${password}\n`});
  t.regex(stdout, /auth succeeded/);
});
