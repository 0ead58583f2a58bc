import {setTimeout as wait} from 'node:timers/promises';
import {certbotFolder, type Order} from '../core/acme.js';
import {visibleLine} from '../core/text.js';
import {certbotProblem, inUse} from './certbot-problem.js';
import {removeTree} from './remove-tree.js';
import {holderOf, processName} from './package-lock.js';
import {textAt} from './package-manager.js';
import type {Authority, Files, ReadFiles, Run} from './types.js';

const certbot = '/usr/bin/certbot';

/** What a rehearsal leaves, for as long as it lasts: an account of its own, and no certificate. */
const scratch = '/run/dovetail-certbot';

/** Seconds that another run of certbot's is waited for: its timer's, often. */
const patience = 120;

/**
 * certbot(1) of this machine. An order is rehearsed first, in folders that are thrown away: Let's Encrypt has an authority of its
 * own for that, whose refusals count towards no limit. Nothing secret is told to it: it makes its keys itself.
 */
export const certbotHere = (run: Run, files: Files): Authority => {
  const ask = async (order: Order, more: readonly string[], say: (line: string) => void) => {
    const result = await run(certbot, ['certonly', ...wordsOf(order), ...more], {
      timeout: 300_000,
      onLine: line => say(visibleLine(line)),
    });
    if (result.exitCode !== 0) {
      throw certbotProblem(order, result);
    }
  };
  return {
    simulated: false,
    rehearse: async (order, say) => {
      removeTree(files, scratch);
      files.makeDirectory(scratch, 0o700);
      try {
        await ask(order, ['--dry-run', ...foldersOf(scratch)], say);
      } finally {
        removeTree(files, scratch);
      }
    },
    issue: async (order, say) => {
      await waitWhile(() => holderOf(files, [lock]));
      await ask(order, [], say);
    },
    quiet: async () => {
      await waitWhile(() => orderIn(files) ?? holderOf(files, [lock]));
      removeTree(files, scratch);
    },
  };
};

/** Where nobody may be asked: nothing is ordered. */
export const simulatedAuthority = (): Authority => ({
  simulated: true,
  rehearse: async () => undefined,
  issue: async () => undefined,
  quiet: async () => undefined,
});

const wordsOf = ({lineage, names, server, contact, challenge, algorithm}: Order): readonly string[] => [
  '--non-interactive',
  '--agree-tos',
  ...(contact === '' ? ['--register-unsafely-without-email'] : ['--email', contact, '--no-eff-email']),
  ...['--server', server, '--cert-name', lineage],
  ...names.flatMap(name => ['--domain', name]),
  ...(challenge.type === 'standalone'
    ? ['--standalone', '--preferred-challenges', 'http']
    : ['--webroot', '--webroot-path', challenge.path]),
  ...(algorithm === 'ec-p256'
    ? ['--key-type', 'ecdsa', '--elliptic-curve', 'secp256r1']
    : ['--key-type', 'rsa', '--rsa-key-size', algorithm.slice('rsa-'.length)]),
  // Other names, or another kind of key, under the same name: what was answered is what is meant.
  ...['--renew-with-new-domains', '--force-renewal'],
  // Hooks are for renewals: here the servers read the files again when all of the plan is in place.
  '--no-directory-hooks',
];

const foldersOf = (folder: string): readonly string[] => [
  ...['--config-dir', `${folder}/config`],
  ...['--work-dir', `${folder}/work`],
  ...['--logs-dir', `${folder}/logs`],
];

const lock = `${certbotFolder}/.certbot.lock`;

// Two at a time refuse each other.
const waitWhile = async (busy: () => string | undefined) => {
  for (let tries = 0; ; tries += 1) {
    const holder = busy();
    if (holder === undefined) {
      return;
    }

    if (tries >= patience * 2) {
      throw inUse(holder);
    }

    await wait(500);
  }
};

// An order of ours that outlived a kill: it may not have come as far as the lock.
const orderIn = (files: ReadFiles): string | undefined => {
  const pid = (files.list('/proc') ?? []).find(
    name => /^\d+$/.test(name) && textAt(files, `/proc/${name}/cmdline`).includes(`${certbot}\0certonly\0`),
  );
  return pid === undefined ? undefined : processName(files, pid);
};
