import test from 'ava';
import {queueWords} from '../../src/commands/queue-words.js';
import {readQueue} from '../../src/detect/queue.js';

const now = new Date('2026-01-02T00:00:00Z');
const seconds = (hours: number) => now.getTime() / 1000 - hours * 3600;
const message = (hours: number, reason?: string, queue = 'deferred') =>
  JSON.stringify({
    queue_name: queue,
    queue_id: 'ABC',
    arrival_time: seconds(hours),
    message_size: 300,
    sender: 'a@example.com',
    recipients: [{address: 'b@example.org', ...(reason === undefined ? {} : {delay_reason: reason})}],
  });

test('an empty queue is said to be empty', t => {
  t.deepEqual(queueWords(readQueue(''), 'en', now), ['No mail waits in the queue.']);
});

test('the count, the oldest and the commonest reason are said in words', t => {
  const queue = readQueue(
    [
      message(1, 'connect to mx.example.org[192.0.2.1]:25: Connection timed out'),
      message(30, 'connect to mx.example.org[192.0.2.1]:25: Connection refused'),
      message(2, 'host mx[192.0.2.2] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)'),
      message(1, undefined, 'active'),
      'postqueue: warning: something that is no message',
    ].join('\n'),
  );
  t.is(queue.count, 4);
  t.deepEqual(queueWords(queue, 'en', now), [
    '4 messages wait in the queue, the oldest for 30 hours.',
    '  2 of 4, most often: the receiving server cannot be reached, or port 25 is closed on the way.',
    '  For example: connect to mx.example.org[192.0.2.1]:25: Connection timed out',
  ]);
});

for (const [reason, words] of [
  ['connect to mail.example.test[private/dovecot-lmtp]: No such file or directory', /does Dovecot run/],
  [
    'Host or domain name not found. Name service error for name=x.invalid type=MX: Host not found, try again',
    /DNS/,
  ],
  ['SASL authentication failed; server relay[192.0.2.1] said: 535 5.7.8 Error', /login/],
  ['TLS is required, but was not offered by host mx[192.0.2.1]', /TLS/],
  ['host mx[192.0.2.2] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)', /full/],
  ['host mx[192.0.2.2] refused to talk to me: 421 too many connections', /later/],
  ['delivery temporarily suspended: connect to mx[192.0.2.1]:25: No route to host', /cannot be reached/],
  ['alias database unavailable', /reason of its own/],
] as const) {
  test(`why: ${reason.slice(0, 60)}`, t => {
    t.regex(queueWords(readQueue(message(1, reason)), 'en', now).join('\n'), words);
  });
}

test('what another server said is made visible, and never a control of the terminal', t => {
  const said = 'host mx[192.0.2.2] said: 450 \u001b]0;owned\u0007\u202egnp (in reply)';
  const words = queueWords(readQueue(message(1, said)), 'en', now).join('\n');
  t.notRegex(words, /[\u001b\u0007\u202e]/);
  t.regex(words, /␛\]0;owned␇⟨U\+202E⟩/);
});

test('mail on hold is named as such', t => {
  t.regex(queueWords(readQueue(message(1, undefined, 'hold')), 'en', now).join('\n'), /on hold/);
});
