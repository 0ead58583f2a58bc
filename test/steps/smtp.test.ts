import test from 'ava';
import {
  completeAnswers,
  debian12Facts,
  debian12Postfix,
  el9Facts,
  el9Platform,
  smtpd,
} from '../helpers/facts.js';
import {
  cautionOf,
  mainItems,
  mainSettings,
  portsWanted,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';
import {debian12Platform} from '../helpers/facts.js';

const nullClient = {
  role: {kind: 'null-client', hostname: 'web.example.com'},
  smtp: {admin: 'anna@example.com'},
  relay: {how: 'smarthost', host: 'relay.example.net'},
};
const local = completeAnswers({auth: {backends: ['pam']}, smtp: {admin: 'anna@example.com'}});

test('a complete server listens everywhere and trusts nobody but itself', t => {
  const settings = mainSettings(wantsOf('smtp'));
  t.is(settings['inet_interfaces'], 'all');
  t.is(settings['mynetworks'], '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128');
  t.is(settings['myhostname'], 'mail.example.com');
  t.is(settings['smtpd_banner'], '$myhostname ESMTP');
  t.deepEqual(portsWanted(wantsOf('smtp')), ['+25']);
});

test('a virtual domain is not a local one as well, and root’s mail stays at the host’s own name', t => {
  const settings = mainSettings(wantsOf('smtp'));
  t.is(settings['mydestination'], '$myhostname, localhost.$mydomain, localhost');
  t.is(settings['myorigin'], '/etc/mailname');
  const mailname = wantsOf('smtp').find(want => want.kind === 'file');
  t.like(mailname, {path: '/etc/mailname', content: [{text: 'mail.example.com\n'}], mode: 0o644});
});

test('a host that is called like its virtual domain does not deliver that name locally, nor take .com for its domain', t => {
  const answers = completeAnswers({
    role: {kind: 'complete', hostname: 'example.com', domains: ['example.com']},
  });
  const settings = mainSettings(wantsOf('smtp', {answers}));
  t.is(settings['mydestination'], 'localhost.$mydomain, localhost');
  t.is(settings['mydomain'], 'example.com');
});

test('domains of the machine’s own users are local', t => {
  const settings = mainSettings(wantsOf('smtp', {answers: local}));
  t.is(settings['mydestination'], '$myhostname, localhost.$mydomain, localhost, example.com');
  t.like(
    wantsOf('smtp', {answers: local}).find(want => want.kind === 'file'),
    {content: [{text: 'example.com\n'}]},
  );
});

test('mail for the roles is in the map that the class of the domain really uses', t => {
  const virtual = wantsOf('smtp');
  t.deepEqual(rowsWanted(virtual, '/etc/postfix/virtual'), [
    'postmaster@example.com anna@example.com',
    'abuse@example.com anna@example.com',
    'root@example.com anna@example.com',
  ]);
  t.deepEqual(mainItems(virtual, 'virtual_alias_maps'), ['+hash:/etc/postfix/virtual']);
  t.is(rowsWanted(virtual, '/etc/aliases')[0], 'root: anna@example.com');
  const ofUsers = wantsOf('smtp', {answers: local});
  t.deepEqual(rowsWanted(ofUsers, '/etc/postfix/virtual'), []);
  t.deepEqual(rowsWanted(ofUsers, '/etc/aliases'), [
    'root: anna@example.com',
    'postmaster: root',
    'abuse: root',
  ]);
});

test('the table type is the machine’s own, and a table that is there keeps its type', t => {
  const lmdb = {...debian12Postfix(), mapType: 'lmdb'};
  const fresh = wantsOf('smtp', {facts: debian12Facts({postfix: {...lmdb, settings: {}}})});
  t.deepEqual(mainItems(fresh, 'virtual_alias_maps'), ['+lmdb:/etc/postfix/virtual']);
  t.deepEqual(mainItems(fresh, 'alias_maps'), ['+lmdb:/etc/aliases']);
  const kept = wantsOf('smtp', {facts: debian12Facts({postfix: lmdb})});
  t.deepEqual(mainItems(kept, 'alias_maps'), ['+hash:/etc/aliases']);
  t.true(kept.some(want => want.kind === 'rows' && want.file === '/etc/aliases' && want.compile === 'hash'));
});

test('strangers are rejected where the stock list only defers them; a list that rejects is left alone', t => {
  t.deepEqual(mainItems(wantsOf('smtp'), 'smtpd_relay_restrictions'), [
    '+reject_unauth_destination',
    '-defer_unauth_destination',
  ]);
  const facts = debian12Facts({
    postfix: debian12Postfix({
      smtpd_relay_restrictions: 'permit_mynetworks, check_client_access cidr:/x, reject',
    }),
  });
  t.deepEqual(mainItems(wantsOf('smtp', {facts}), 'smtpd_relay_restrictions'), []);
});

test('a null client listens to itself alone, keeps nothing, and sends root’s mail to a person', t => {
  const wants = wantsOf('smtp', {answers: nullClient});
  const settings = mainSettings(wants);
  t.is(settings['inet_interfaces'], 'loopback-only');
  t.is(settings['mydestination'], '');
  t.deepEqual(rowsWanted(wants, '/etc/postfix/virtual'), [
    'root anna@example.com',
    'postmaster anna@example.com',
  ]);
  t.like(
    wants.find(want => want.kind === 'file'),
    {path: '/etc/mailname', content: [{text: 'example.com\n'}]},
  );
  t.deepEqual(portsWanted(wants), ['-25']);
});

test('on EL9 the origin is a setting, there is no /etc/mailname', t => {
  const scene = {facts: el9Facts(), platform: el9Platform};
  t.is(mainSettings(wantsOf('smtp', scene))['myorigin'], '$myhostname');
  t.is(mainSettings(wantsOf('smtp', {...scene, answers: nullClient}))['myorigin'], '$mydomain');
  t.false(wantsOf('smtp', scene).some(want => want.kind === 'file'));
});

test('networks of the answers stand behind the machine itself, in Postfix’s spelling', t => {
  const answers = completeAnswers({smtp: {networks: ['10.7.0.9/24', '2001:db8::1/64']}});
  t.is(
    mainSettings(wantsOf('smtp', {answers}))['mynetworks'],
    '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128 10.7.0.0/24 [2001:db8::]/64',
  );
});

test('addresses to listen on are the machine’s own, without a mask, of a version that is used', t => {
  const scene = {answers: completeAnswers({smtp: {interfaces: 'list'}})};
  t.regex(refusal('smtp', 'addresses', ['127.0.0.1/32'], scene) ?? '', /no mask/);
  t.regex(refusal('smtp', 'addresses', ['192.0.2.77'], scene) ?? '', /not an address of this machine/);
  t.is(refusal('smtp', 'addresses', ['127.0.0.1', '10.7.0.2', '[::1]'], scene), undefined);
  t.truthy(refusal('smtp', 'addresses', [], scene));
  const ipv4 = {answers: completeAnswers({smtp: {interfaces: 'list', protocols: 'ipv4'}})};
  t.regex(refusal('smtp', 'addresses', ['::1'], ipv4) ?? '', /does not start/);
  const listed = completeAnswers({smtp: {interfaces: 'list', addresses: ['127.0.0.1', '::1']}});
  t.is(mainSettings(wantsOf('smtp', {answers: listed}))['inet_interfaces'], '127.0.0.1, [::1]');
});

test('a mailbox limit below one message is refused: Postfix would deliver no local mail', t => {
  t.truthy(refusal('smtp', 'mailbox_size_limit', 1000));
  t.is(refusal('smtp', 'mailbox_size_limit', 0), undefined);
  t.is(refusal('smtp', 'mailbox_size_limit', 52_428_800), undefined);
});

test('the greeting cannot smuggle settings or expand others', t => {
  for (const banner of [
    '$myhostname',
    'ESMTP',
    '$myhostname ESMTP $mynetworks',
    '$myhostname ESMTP $' + '{x}',
    '$myhostname ESMTP x\nmynetworks = 0.0.0.0/0',
    `$myhostname ESMTP ${'x'.repeat(300)}`,
  ]) {
    t.truthy(refusal('smtp', 'banner', banner), banner);
  }

  t.is(refusal('smtp', 'banner', '$myhostname ESMTP $mail_name (Debian/GNU)'), undefined);
});

test('who reads the roles’ mail exists here, is a person, or is elsewhere and said to be unchecked', t => {
  t.regex(refusal('smtp', 'admin', 'bob@example.com') ?? '', /anna@example\.com/);
  t.regex(refusal('smtp', 'admin', 'postmaster@example.com') ?? '', /role itself/);
  t.truthy(refusal('smtp', 'admin', 'x|/bin/sh@example.org'));
  t.truthy(refusal('smtp', 'admin', 'anna@example.com, eve@example.org'));
  t.is(refusal('smtp', 'admin', 'anna@example.org'), undefined);
  t.truthy(cautionOf('smtp', 'admin', 'anna@example.org'));
  t.is(cautionOf('smtp', 'admin', 'anna@example.com'), undefined);
});

test('what a configured Postfix says comes back as answers, and the same wants', t => {
  const postfix = debian12Postfix({
    mynetworks: '127.0.0.0/8 [::1]/128 10.9.0.0/16 cidr:/etc/postfix/trusted',
    inet_interfaces: '127.0.0.1, [::1]',
    inet_protocols: 'ipv4',
    message_size_limit: '20971520',
    mydestination: '$myhostname, old.example.net, localhost',
  });
  const facts = debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix,
    files: {'/etc/postfix/virtual': 'postmaster@example.com  anna@example.com\n'},
  });
  const adopted = stepOf('smtp').adopt(facts, debian12Platform);
  t.deepEqual(adopted, {
    interfaces: 'list',
    addresses: ['127.0.0.1', '::1'],
    protocols: 'ipv4',
    networks: ['10.9.0.0/16'],
    message_size_limit: 20_971_520,
    mailbox_size_limit: 0,
    banner: '$myhostname ESMTP $mail_name (Debian/GNU)',
    admin: 'anna@example.com',
  });
  const settings = mainSettings(wantsOf('smtp', {facts, answers: completeAnswers({smtp: adopted})}));
  t.regex(settings['mynetworks'] ?? '', /^cidr:\/etc\/postfix\/trusted /);
  t.regex(settings['mydestination'] ?? '', /old\.example\.net/);
});

test('a role whose mail goes to more people, in the next line too, is not taken for one person’s', t => {
  const admin = (virtual: string, aliases = '') =>
    (
      stepOf('smtp').adopt(
        debian12Facts({
          configured: {dovecot: true, postfix: true},
          files: {'/etc/postfix/virtual': virtual, '/etc/aliases': aliases},
        }),
        debian12Platform,
      ) as {readonly admin?: string}
    ).admin;
  t.is(admin('postmaster@example.com anna@example.com\n'), 'anna@example.com');
  t.is(admin('postmaster@example.com anna@example.com\n# and\n  bob@example.com\n'), undefined);
  t.is(admin('', 'root: anna@example.com\n'), 'anna@example.com');
  t.is(admin('', 'root: anna@example.com\n  , bob@example.com\n'), undefined);
});

test('relaying and passwords on port 25 are proved', t => {
  t.deepEqual(
    probesOf('smtp').map(({kind}) => kind),
    [
      'postfix-config',
      'ports',
      'chroot-copies',
      'role-addresses',
      'trusted-networks',
      'relay-refused',
      'no-plaintext-login',
    ],
  );
  const client = completeAnswers({role: {kind: 'null-client', hostname: 'web.example.com'}});
  t.true(probesOf('smtp', {answers: client}).some(({kind}) => kind === 'relay-refused'));
});

test('where Postfix is to listen is proved, address by address as ss(8) writes them', t => {
  const on = (answers: Readonly<Record<string, unknown>>, facts = debian12Facts()) => {
    const probe = probesOf('smtp', {answers: completeAnswers({smtp: answers}), facts}).find(
      ({id}) => id === 'smtp:listens',
    );
    return probe?.kind === 'ports' ? [probe.open, probe.on] : undefined;
  };
  const open = [25, 587, 465];
  t.deepEqual(on({}), [open, ['0.0.0.0', '::']]);
  t.deepEqual(on({protocols: 'ipv4'}), [open, ['0.0.0.0']]);
  t.deepEqual(on({protocols: 'ipv6'}), [open, ['::']]);
  t.deepEqual(on({interfaces: 'loopback'}), [open, ['127.0.0.1', '::1']]);
  t.deepEqual(on({interfaces: 'loopback', protocols: 'ipv4'}), [open, ['127.0.0.1']]);
  const list = {interfaces: 'list', addresses: ['127.0.0.1', '[2001:DB8::0002]']};
  t.deepEqual(on(list), [open, ['127.0.0.1', '2001:db8::2']]);
  t.deepEqual(on({...list, protocols: 'ipv4'}), [open, ['127.0.0.1']]);
  // Names are resolved by Postfix alone, and an address in master.cf is of that entry alone.
  t.is(on({...list, addresses: ['$myhostname']}), undefined);
  const entry = (name: string) => debian12Facts({postfix: debian12Postfix({}, [smtpd(name, 'y')])});
  t.is(on({}, entry('192.0.2.1:smtp')), undefined);
  t.deepEqual(on({}, entry('127.0.0.1:10025')), [open, ['0.0.0.0', '::']]);
});
