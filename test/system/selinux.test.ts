import test from 'ava';
import {localType, patternOf} from '../../src/system/selinux.js';

// As semanage 3.4 prints it.
const list = [
  String.raw`/srv/a\.b(/.*)?                                    all files          system_u:object_r:mail_spool_t:s0 `,
  '/srv/post                                          directory          system_u:object_r:etc_t:s0 ',
  '/srv/post(/.*)?                                    all files          system_u:object_r:var_t:s0 ',
  '/srv/none(/.*)?                                    all files          <<None>>',
  '',
].join('\n');

test('a rule of the machine is found by exactly its path, whatever else begins alike', t => {
  t.is(localType(list, '/srv/a.b'), 'mail_spool_t');
  t.is(localType(list, '/srv/post'), 'var_t');
  t.is(localType(list, '/srv/pos'), undefined);
  t.is(localType(list, '/srv/none'), undefined);
});

test('a dot in a path stands for itself, for the policy’s paths are regular expressions', t => {
  t.is(patternOf('/srv/a.b'), String.raw`/srv/a\.b(/.*)?`);
});
