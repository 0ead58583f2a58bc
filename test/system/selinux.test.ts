import test from 'ava';
import {localType, patternOf} from '../../src/system/selinux.js';
import {valuesOf} from '../../src/system/selinux-boolean.js';
import {entriesOf} from '../../src/system/selinux-port.js';

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

test('ports and ranges of a list are told apart', t => {
  const list =
    'mail_port_t                    tcp      2000, 3905\nvnc_port_t    tcp   5900-5983,  6000\nx  udp  1\n';
  t.deepEqual(
    entriesOf(list).map(({type, protocol, low, high}) => `${type} ${protocol} ${low}-${high}`),
    [
      'mail_port_t tcp 2000-2000',
      'mail_port_t tcp 3905-3905',
      'vnc_port_t tcp 5900-5983',
      'vnc_port_t tcp 6000-6000',
      'x udp 1-1',
    ],
  );
});

test('of a boolean it counts what lasts, not what holds just now', t => {
  const list =
    'allow_ypbind                   (off  ,   on)  Allow system to run with NIS\nx (on , off) on\n';
  t.deepEqual(
    [...valuesOf(list)],
    [
      ['allow_ypbind', true],
      ['x', false],
    ],
  );
});
