import test from 'ava';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Facts,
  el9Platform,
  el9Postfix,
} from '../helpers/facts.js';
import {cautionOf, mainSettings, probesOf, stepOf, wantsOf} from '../helpers/sections.js';

const relayed = (relay: Readonly<Record<string, unknown>>) =>
  completeAnswers({relay: {how: 'smarthost', host: 'relay.example.net', ...relay}});

test('mail from other servers may come without TLS, passwords never do', t => {
  const settings = mainSettings(wantsOf('smtp-tls'));
  t.is(settings['smtpd_tls_security_level'], 'may');
  t.is(settings['smtpd_tls_auth_only'], 'yes');
  t.is(settings['smtpd_tls_protocols'], '>=TLSv1.2');
  t.is(settings['smtpd_tls_cert_file'], '/etc/ssl/dovetail/server.crt');
  t.is(settings['smtpd_tls_key_file'], '/etc/ssl/dovetail/server.key');
});

test('before Postfix 3.6 the protocols that are not wanted are named', t => {
  const settings = mainSettings(wantsOf('smtp-tls', {facts: el9Facts(), platform: el9Platform}));
  t.is(settings['smtpd_tls_protocols'], '!SSLv2, !SSLv3, !TLSv1, !TLSv1.1');
});

test('a floor of TLS 1.3 is for people’s programs, not for other servers', t => {
  const answers = completeAnswers({tls: {source: 'self-signed', min_protocol: 'TLSv1.3'}});
  const settings = mainSettings(wantsOf('smtp-tls', {answers}));
  t.is(settings['smtpd_tls_protocols'], '>=TLSv1.2');
  t.is(settings['smtpd_tls_mandatory_protocols'], '>=TLSv1.3');
});

test('where chain files are set they are changed, since they override the older pair', t => {
  const facts = debian12Facts({postfix: debian12Postfix({smtpd_tls_chain_files: '/etc/old.pem'})});
  const settings = mainSettings(wantsOf('smtp-tls', {facts}));
  t.is(settings['smtpd_tls_chain_files'], '/etc/ssl/dovetail/server.key, /etc/ssl/dovetail/server.crt');
  t.false('smtpd_tls_cert_file' in settings);
});

test('dead settings and second certificates are taken out where they stand', t => {
  const facts = debian12Facts({
    postfix: debian12Postfix({
      smtpd_use_tls: 'yes',
      smtpd_tls_eccert_file: '/etc/ec.pem',
      smtp_use_tls: 'yes',
    }),
  });
  const settings = mainSettings(wantsOf('smtp-tls', {facts}));
  for (const name of ['smtpd_use_tls', 'smtpd_tls_eccert_file', 'smtp_use_tls']) {
    t.true(name in settings, name);
    t.is(settings[name], undefined, name);
  }

  t.false('smtpd_use_tls' in mainSettings(wantsOf('smtp-tls')));
});

test('authorities that the machine believes already stay; where it says none, they are named', t => {
  t.false('smtp_tls_CAfile' in mainSettings(wantsOf('smtp-tls')));
  const {smtp_tls_CAfile: _dropped, ...settings} = el9Postfix().settings;
  const facts = el9Facts({postfix: {...el9Postfix(), settings}});
  t.is(
    mainSettings(wantsOf('smtp-tls', {facts, platform: el9Platform}))['smtp_tls_CAfile'],
    '/etc/pki/tls/certs/ca-bundle.crt',
  );
});

test('the way to a relay is encrypted as its port asks for', t => {
  const level = (relay: Readonly<Record<string, unknown>>) => {
    const settings = mainSettings(wantsOf('smtp-tls', {answers: relayed(relay)}));
    return [settings['smtp_tls_security_level'], settings['smtp_tls_wrappermode']];
  };
  t.deepEqual(level({}), ['encrypt', undefined]);
  t.deepEqual(level({port: 465}), ['encrypt', 'yes']);
  t.deepEqual(level({port: 25, tls: 'none'}), ['may', undefined]);
});

test('a wrapper that is no longer asked for is taken out', t => {
  const facts = debian12Facts({postfix: debian12Postfix({smtp_tls_wrappermode: 'yes'})});
  t.true('smtp_tls_wrappermode' in mainSettings(wantsOf('smtp-tls', {facts})));
});

test('DANE also asks for verified DNS, and goes away with it', t => {
  const answers = completeAnswers({'smtp-tls': {outbound: 'dane'}});
  const settings = mainSettings(wantsOf('smtp-tls', {answers}));
  t.is(settings['smtp_tls_security_level'], 'dane');
  t.is(settings['smtp_dns_support_level'], 'dnssec');
  const facts = debian12Facts({postfix: debian12Postfix({smtp_dns_support_level: 'dnssec'})});
  t.true('smtp_dns_support_level' in mainSettings(wantsOf('smtp-tls', {facts})));
});

test('insisting on TLS and DANE are accepted with what they cost', t => {
  t.truthy(cautionOf('smtp-tls', 'inbound', 'encrypt'));
  t.is(cautionOf('smtp-tls', 'inbound', 'may'), undefined);
  t.truthy(cautionOf('smtp-tls', 'outbound', 'dane'));
});

test('a null client sends with TLS and shows no certificate', t => {
  const answers = {
    role: {kind: 'null-client', hostname: 'web.example.com'},
    smtp: {admin: 'anna@example.com'},
    relay: {how: 'smarthost', host: 'relay.example.net'},
  };
  const settings = mainSettings(wantsOf('smtp-tls', {answers}));
  t.is(settings['smtp_tls_security_level'], 'encrypt');
  t.false('smtpd_tls_cert_file' in settings);
  t.deepEqual(probesOf('smtp-tls', {answers}), []);
});

test('what a configured Postfix says about TLS is adopted', t => {
  const facts = debian12Facts({
    configured: {dovecot: false, postfix: true},
    postfix: debian12Postfix({smtpd_tls_security_level: 'encrypt', smtpd_tls_loglevel: '2'}),
  });
  t.deepEqual(stepOf('smtp-tls').adopt(facts, debian12Platform), {
    inbound: 'encrypt',
    outbound: 'may',
    log_level: 2,
  });
});
