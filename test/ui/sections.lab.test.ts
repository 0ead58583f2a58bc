import {execFileSync} from 'node:child_process';
import test from 'ava';
import {openTerminal, terminalReason} from '../helpers/terminal.js';
import {accept, type Typed, walk} from '../helpers/walk.js';
import {rcpt} from '../hosts/clients.js';
import {type LabHost, labReason} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason() ?? terminalReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
/** Milliseconds that applying and proving may take. */
const long = 240_000;
let host: LabHost;
let before: ReadonlyMap<string, string>;

const configuration = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
    before = configuration();
  }
});

test.after.always(async () => host?.stop());

/** Opens a section alone, in a terminal of 80 columns and 24 rows, and answers it; `then` sees what comes of it. */
const inSection = async <T>(
  section: string,
  typed: Typed,
  then: (terminal: ReturnType<typeof openTerminal>) => Promise<T>,
): Promise<T> => {
  const terminal = openTerminal([...host.enter, 'TERM=screen-256color', dovetail, section]);
  try {
    await terminal.until('Begin with', 30_000);
    await terminal.press('Enter');
    await walk(terminal, typed);
    return await then(terminal);
  } finally {
    terminal.close();
  }
};

lab('each section, gone through by Enter alone, finds nothing to change', async t => {
  // A name that is none is answered with those that there are.
  const {stderr} = await host.run(dovetail, ['no-such-section']);
  const sections = (/Sections: ([^.]+)\./.exec(stderr)?.[1] ?? '').replaceAll('\n', ' ').split(/,\s+/);
  t.true(sections.length > 25, stderr);
  for (const section of sections) {
    const shown = await inSection(section, [], async terminal => {
      if (!terminal.screen().includes('a accept')) {
        await terminal.press('Enter');
      }

      return terminal.until('a accept', long);
    });
    t.regex(shown, /Nothing to change/, section);
  }

  t.deepEqual(differences(before, configuration()), []);
});

lab('a section is changed by keys, proved, and in force', async t => {
  for (const [section, typed, holds] of [
    [
      'domains',
      [
        [
          'Which addresses are passed on',
          ['Down', 'Enter', '=info@example.test=anna@example.test', 'Enter', 'Enter'],
        ],
      ],
      async () => (await rcpt(host.address, 'info@example.test')) === '250',
    ],
    [
      'mailboxes',
      [['Which other folders', ['=Invoices', 'Enter']]],
      async () =>
        /^Invoices$/m.test(
          (await host.run('doveadm', ['mailbox', 'list', '-u', 'anna@example.test'])).stdout,
        ),
    ],
    [
      'limits',
      [['How many messages may one client', ['C-u', '=200', 'Enter']]],
      async () =>
        (await host.run('postconf', ['-h', 'smtpd_client_message_rate_limit'])).stdout.trim() === '200',
    ],
    [
      'spam',
      [
        [
          'Which patterns in the header',
          [
            ...['Down', 'Enter', '=/^X-Other:/ WARN', 'Enter', /1\. \/\^X-Other/],
            ...['Down', 'Enter', '=/^Subject:.*casino/ REJECT no thanks', 'Enter', /2\. \/\^Subject/],
            // A header of a message that somebody has is pasted: the field says which rule hits it, as Postfix reads them.
            ...['Down', 'Down', 'Enter', '=Subject: Win at the CASINO now', 'Enter'],
            /Rule 2 hits \(Postfix\): \/\^Subject:\.\*casino\/ REJECT no thanks/,
            ...['C-u', '=Subject: the accounts', 'Enter', /No rule hits \(Postfix\)/],
            ...['C-u', 'Enter', 'Enter'],
          ],
        ],
      ],
      async () =>
        (await host.run('postconf', ['-h', 'header_checks'])).stdout.trim() ===
        'regexp:/etc/postfix/header_checks',
    ],
    [
      'sieve',
      [['Sort mail into folders', ['Up', 'Enter']]],
      async () =>
        /\bsieve\b/.test((await host.run('doveconf', ['-f', 'protocol=lmtp', '-h', 'mail_plugins'])).stdout),
    ],
  ] as const satisfies readonly (readonly [string, Typed, () => Promise<boolean>])[]) {
    const shown = await inSection(section, typed, terminal => accept(terminal, long));
    // Nobody gave a password: logins could not be tried, and that is not called proved.
    t.regex(shown, /Done(?:,| and) proved/, section);
    t.true(await holds(), section);
  }
});

lab('undone one after the other, the newest first, the configuration is what it was', async t => {
  for (let n = 0; n < 5; n += 1) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
  }

  t.deepEqual(differences(before, configuration()), []);
});
