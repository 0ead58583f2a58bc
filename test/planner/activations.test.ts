import test from 'ava';
import type {Change} from '../../src/core/change.js';
import {activationsOf} from '../../src/planner/activations.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';

const unit = debian12Platform.units.postfix;
const running = {enabled: true, active: true, exists: true};
const facts = debian12Facts({units: {'dovecot.service': running, [unit]: running}});

/** What happens to Postfix where main.cf goes from one text to another. */
const postfix = (before: string | null, after: string) => {
  const texts: Readonly<Record<string, string>> = {before: before ?? '', after};
  const change: Change = {
    id: 'config.edit /etc/postfix/main.cf',
    sections: ['smtp'],
    kind: 'config.edit',
    family: 'main.cf',
    path: '/etc/postfix/main.cf',
    before: before === null ? null : 'before',
    after: 'after',
    keepOwnership: true,
  };
  return activationsOf([change], digest => texts[digest] ?? '', facts, debian12Platform).map(
    ({unit: of, act}) => `${act} ${of}`,
  );
};

test('Postfix is restarted only where the addresses it listens on really change (postconf(5), inet_interfaces)', t => {
  t.deepEqual(postfix('inet_interfaces = all\nmyhostname = a\n', 'inet_interfaces = all\nmyhostname = b\n'), [
    `reload ${unit}`,
  ]);
  t.deepEqual(
    postfix('inet_interfaces = loopback-only\nmyhostname = a\n', 'inet_interfaces = all\nmyhostname = a\n'),
    [`restart ${unit}`],
  );
  t.deepEqual(postfix('inet_protocols = ipv4\n', 'inet_protocols = all\n'), [`restart ${unit}`]);
});

test('an address list that comes, goes or is written over by a later line counts; how it is written does not', t => {
  t.deepEqual(postfix('myhostname = a\n', 'myhostname = a\ninet_interfaces = all\n'), [`restart ${unit}`]);
  t.deepEqual(postfix('inet_interfaces = all\n', '#inet_interfaces = all\n'), [`restart ${unit}`]);
  t.deepEqual(
    postfix('inet_interfaces = all\n', 'inet_interfaces = all\ninet_interfaces = loopback-only\n'),
    [`restart ${unit}`],
  );
  t.deepEqual(
    postfix('inet_interfaces = 192.0.2.1,\n  127.0.0.1\n', 'inet_interfaces=192.0.2.1, 127.0.0.1\n'),
    [`reload ${unit}`],
  );
  t.deepEqual(postfix(null, 'inet_interfaces = all\n'), [`restart ${unit}`]);
});

test('another file of Postfix’s is a reload, and a Postfix that does not run is left alone', t => {
  const map: Change = {
    id: 'map.compile /etc/postfix/virtual',
    sections: ['domains'],
    kind: 'map.compile',
    source: '/etc/postfix/virtual',
    type: 'hash',
  };
  const nothing = () => '';
  t.deepEqual(activationsOf([map], nothing, facts, debian12Platform), [{unit, act: 'reload'}]);
  t.deepEqual(activationsOf([map], nothing, debian12Facts(), debian12Platform), []);
});

test('Dovecot is restarted where it is to listen on other addresses, and reloaded for all else', t => {
  const acts = (before: string, after: string) => {
    const texts: Readonly<Record<string, string>> = {before, after};
    const change: Change = {
      id: 'config.edit /etc/dovecot/dovecot.conf',
      sections: ['protocols'],
      kind: 'config.edit',
      family: 'dovecot',
      path: '/etc/dovecot/dovecot.conf',
      before: 'before',
      after: 'after',
      keepOwnership: true,
    };
    return activationsOf([change], digest => texts[digest] ?? '', facts, debian12Platform).map(
      ({unit: of, act}) => `${act} ${of}`,
    );
  };
  t.deepEqual(acts('#listen = *, ::\n', '#listen = *, ::\nlisten = 192.0.2.10\n'), [
    'restart dovecot.service',
  ]);
  t.deepEqual(acts('listen = 192.0.2.10\nssl = yes\n', 'listen = 192.0.2.10\nssl = required\n'), [
    'reload dovecot.service',
  ]);
  // The `listen` of one listener in 2.4 is another setting.
  t.deepEqual(
    acts(
      'service imap-login {\n  inet_listener imap {\n  }\n}\n',
      'service imap-login {\n  inet_listener imap {\n    listen = 192.0.2.10\n  }\n}\n',
    ),
    ['reload dovecot.service'],
  );
});
