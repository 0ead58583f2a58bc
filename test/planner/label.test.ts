import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {inOrder} from '../../src/planner/order.js';
import {resourceChanges} from '../../src/planner/resources.js';
import {rhel9} from '../../src/platforms/rhel9.js';
import {vmail} from '../../steps/vmail.js';
import {el9Facts} from '../helpers/facts.js';

const planned = (selinux: Facts['selinux']) => {
  const facts = el9Facts({selinux});
  const wants = vmail.plan({
    answers: {user: 'vmail', root: '/srv/post'},
    all: {},
    facts,
    platform: rhel9,
    materials: {},
  });
  return inOrder(
    resourceChanges({wants: wants.map(want => ({section: 'vmail', want})), facts, platform: rhel9}),
  );
};

test('where SELinux is on, the mail root is labelled for mail once it is there', t => {
  for (const selinux of ['enforcing', 'permissive'] as const) {
    t.deepEqual(
      planned(selinux).map(({kind}) => kind),
      ['user.create', 'directory.create', 'selinux.label'],
    );
    t.like(planned(selinux)[2], {path: '/srv/post', type: 'mail_spool_t', sections: ['vmail']});
  }
});

test('where SELinux is off, nothing is said of labels', t => {
  t.deepEqual(
    planned('disabled').map(({kind}) => kind),
    ['user.create', 'directory.create'],
  );
});

test('a unit is stopped before its file goes, so that an undo has the file before it starts the unit', t => {
  const path = '/etc/systemd/system/dovetail-watch.timer';
  const common = {sections: ['watch']};
  const order = inOrder([
    {...common, id: 'a', kind: 'file.delete', path},
    {...common, id: 'b', kind: 'file.delete', path: '/etc/postfix/gone'},
    {
      ...common,
      id: 'c',
      kind: 'service.state',
      unit: 'dovetail-watch.timer',
      enabled: false,
      active: false,
    },
  ]);
  t.deepEqual(
    order.map(({id}) => id),
    ['b', 'c', 'a'],
  );
});
