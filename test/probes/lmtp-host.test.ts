import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {judgeRecipients} from '../../src/probes/lmtp-host.js';

const probe = {
  id: 'delivery:host',
  section: 'delivery',
  kind: 'lmtp-host',
  host: 'imap.example.com',
  port: 24,
  tls: 'wrapper',
  ca: '/etc/ssl/imap.pem',
} satisfies Probe;
const judged = (...answers: readonly string[]) => {
  const {severity, summary, remedy} = judgeRecipients(
    probe,
    {host: probe.host, port: probe.port, ca: probe.ca, address: 'daemon@example.com'},
    answers,
  );
  return {severity, text: `${summary.en} ${remedy?.en ?? ''}`};
};

test('a host that refuses who is not there, and its own services, may be asked for each recipient', t => {
  t.is(judged("550 5.1.1 User doesn't exist", "550 5.1.1 User doesn't exist").severity, 'pass');
});

test('a host that takes mail for its services is named before mail for them waits and bounces', t => {
  const {severity, text} = judged("550 5.1.1 User doesn't exist", '250 2.1.5 OK');
  t.is(severity, 'warning');
  t.regex(text, /daemon@example\.com/);
  t.regex(text, /recipients_by = list/);
});

test('a host that takes mail for anybody fails, whatever it says of its services; one that cannot say is not judged', t => {
  t.is(judged('250 2.1.5 OK', '250 2.1.5 OK').severity, 'fail');
  t.is(judged('451 4.3.0 Temporary internal error', '451').severity, 'unchecked');
  t.is(judged().severity, 'unchecked');
  // Whether its services are refused is not said: who is not there is.
  t.is(judged("550 5.1.1 User doesn't exist", '451 4.3.0').severity, 'pass');
});
