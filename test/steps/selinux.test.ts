import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const facts = debian12Facts({selinux: 'enforcing'});
const scene = (selinux: Record<string, unknown>, vmail: Record<string, unknown> = {}) => ({
  facts,
  answers: completeAnswers({selinux, vmail}),
});

test('directories, ports and booleans are wanted of the policy, the mail root only once', t => {
  const wants = wantsOf(
    'selinux',
    scene(
      {paths: ['/srv/post', '/srv/archive'], ports: ['12345'], booleans: ['use_nfs_home_dirs=on']},
      {root: '/srv/post'},
    ),
  );
  t.deepEqual(wants, [
    {kind: 'label', path: '/srv/archive', type: 'mail_spool_t', state: 'present'},
    {kind: 'selinux.port', port: 12_345, type: 'mail_port_t', state: 'present'},
    {kind: 'selinux.boolean', name: 'use_nfs_home_dirs', value: true, state: 'present'},
  ]);
});

test('where SELinux is off the section does not apply, and where it is on denials are part of the proof', t => {
  t.false(stepOf('selinux').applies?.(debian12Facts(), {}));
  t.true(stepOf('selinux').applies?.(debian12Facts({selinux: 'permissive'}), {}));
  t.deepEqual(
    probesOf('selinux', scene({})).map(({kind}) => kind),
    ['selinux-denials'],
  );
  t.deepEqual(
    probesOf('selinux', scene({ports: ['12345']})).map(({kind}) => kind),
    ['selinux-policy', 'selinux-denials'],
  );
});

test('what the machine itself says is taken over', t => {
  const adopted = stepOf('selinux').adopt(
    {
      ...facts,
      selinuxRules: {paths: ['/srv/archive', '/etc'], ports: [12_345], booleans: {nis_enabled: false}},
    },
    debian12Platform,
  );
  t.deepEqual(adopted, {paths: ['/srv/archive'], ports: ['12345'], booleans: ['nis_enabled=off']});
});

test('odd ports, names and places are refused', t => {
  for (const port of ['0', '65536', '12a', '-1', '1 2', '007']) {
    t.truthy(refusal('selinux', 'ports', [port], {facts}), port);
  }

  for (const boolean of ['nis_enabled', 'x=1', 'x=on --all', '-D=on', 'X=on', 'a=on\nb=off']) {
    t.truthy(refusal('selinux', 'booleans', [boolean], {facts}), boolean);
  }

  t.truthy(refusal('selinux', 'booleans', ['a=on', 'a=off'], {facts}));
  t.truthy(refusal('selinux', 'paths', ['/etc'], {facts}));
  t.is(refusal('selinux', 'ports', ['12345'], {facts}), undefined);
});
