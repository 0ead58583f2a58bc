import test from 'ava';
import {migrate} from '../../src/migrate/index.js';
import {reportLines} from '../../src/migrate/report.js';
import {silentTraps} from '../../src/planner/silent-traps.js';
import {cases, casesReason} from '../helpers/cases.js';
import {plainTree} from '../helpers/tree.js';

const reason = casesReason();
const there = reason === undefined ? test : test.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const main = '/etc/dovecot/dovecot.conf';

there('configurations of 2.3 that were logged in to are carried over whole, but for replication', t => {
  t.true(cases().length > 8);
  for (const {name, files} of cases()) {
    const {entries} = migrate(plainTree(files));
    const open = entries.filter(({outcome}) => outcome === 'lost' || outcome === 'by-hand');
    t.deepEqual(
      [...new Set(open.map(({outcome, was}) => `${outcome} ${was.path[0]?.type ?? was.key}`))].sort(),
      name.includes('replication')
        ? ['lost mail_plugins', 'lost plugin', 'lost replication_max_conns', 'lost service']
        : [],
      name,
    );
  }
});

there('what is proposed has no trap of 2.4, no line twice, and none of the files of before', t => {
  for (const {name, files} of cases()) {
    const {after} = migrate(plainTree(files));
    t.deepEqual(
      silentTraps(plainTree({}), plainTree({[main]: after}), '2.4').map(({id}) => id),
      [],
      name,
    );
    const top = after.split('\n').flatMap(line => /^(\w+) = /.exec(line)?.[1] ?? []);
    t.is(new Set(top).size, top.length, name);
    t.notRegex(after, /conf\.ext|base\.inc/, name);
  }
});

there('no password of theirs is in the report', t => {
  for (const {name, files} of cases()) {
    const said = reportLines(migrate(plainTree(files)), 'en').join('\n');
    t.notRegex(said, /dovecotPW|replication_password|dnpass = password|auth_dn_password = password/, name);
  }
});
