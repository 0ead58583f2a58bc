import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {problemsOf} from '../helpers/parsers.js';
import {stockRows} from '../helpers/stock-rows.js';
import {stocks} from '../helpers/stock.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const {there, missing} = stocks();
for (const why of [
  reason,
  missing.length > 0 ? `no stock configuration of ${missing.join(', ')}` : undefined,
]) {
  if (why !== undefined) {
    console.warn(`skipped: ${why}`);
  }
}

// A tree is read by the release whose daemons know its words; Dovecot refuses a configuration of a later version than its own.
const releases = [
  {name: 'bookworm', fits: ['debian-bullseye', 'debian-bookworm', 'el9', 'own-el9']},
  {name: 'trixie', fits: ['debian-trixie', 'own-dovecot-2.4', 'own-dovecot-2.4-one-file']},
] as const;

for (const {name, fits} of releases) {
  const trees = there.filter(stock => (fits as readonly string[]).includes(stock.name));
  lab(
    `${name}: the daemons read every edited tree, and it means what was asked for and nothing else`,
    async t => {
      const host = await bootHost({release: name});
      try {
        await install(host);
        t.deepEqual(await problemsOf(host, trees), []);
        t.log(`${trees.length} trees × ${stockRows.length} rows`);
      } finally {
        await host.stop();
      }
    },
  );
}

const install = async (host: LabHost) => {
  host.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  const packages = ['core', 'imapd', 'pop3d', 'lmtpd', 'sieve'].map(part => `dovecot-${part}`);
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...packages, 'postfix'],
  ]) {
    const {exitCode, stderr} = await host.run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]);
    if (exitCode !== 0) {
      throw new Error(stderr);
    }
  }
};
