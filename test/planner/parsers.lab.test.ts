import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {preparedLayers} from '../hosts/layers.js';
import {combinationCases, problemsOf, stockCases} from '../helpers/parsers.js';
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

const unread = there
  .map(({name}) => name)
  .filter(name => !releases.some(({fits}) => (fits as readonly string[]).includes(name)));
if (unread.length > 0) {
  console.warn(`skipped: no release of the lab has daemons as new as ${unread.join(', ')}; planned only`);
}

const packages = `set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-sieve dovecot-managesieved \\
  dovecot-ldap dovecot-mysql dovecot-pgsql dovecot-sqlite postfix postfix-ldap postfix-mysql postfix-pgsql postfix-sqlite
`;

for (const {name, fits} of releases) {
  const trees = there.filter(stock => (fits as readonly string[]).includes(stock.name));
  // The packages' own tree of that release, or ours where those are not at hand.
  const [usual] = trees.filter(stock => stock.name === `debian-${name}`).concat(trees.slice(-1));
  let host: LabHost | undefined;
  test.after.always(async () => host?.stop());

  lab(
    `${name}: the daemons read every edited tree, and it means what was asked for and nothing else`,
    async t => {
      host = await bootHost({release: name, layers: await preparedLayers('parsers', name, packages)});
      t.deepEqual(await problemsOf(host, trees, stockCases), []);
      t.log(`${trees.length} trees × ${stockCases.length} rows`);
    },
  );

  lab(
    `${name}: every way to keep accounts with every set of protocols and every format is read and in force`,
    async t => {
      if (host === undefined || usual === undefined) {
        return t.fail('no host');
      }

      await host.run('rm', ['-rf', '/srv/trees']);
      t.deepEqual(await problemsOf(host, [usual], combinationCases), []);
      t.log(`${combinationCases.length} combinations`);
      await host.stop();
      host = undefined;
    },
  );
}
