import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {cautionOf, mainSettings, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const configured = (settings: Readonly<Record<string, string>>) =>
  debian12Facts({configured: {dovecot: false, postfix: true}, postfix: debian12Postfix(settings)});

test('limits that Postfix has by itself are not written', t => {
  t.deepEqual(wantsOf('limits'), []);
});

test('only what is asked otherwise is written, under Postfix’s names', t => {
  const answers = completeAnswers({
    limits: {
      connection_rate: 60,
      message_rate: 100,
      time_unit: 30,
      exceptions: ['192.0.2.10'],
      processes: 50,
    },
  });
  t.deepEqual(mainSettings(wantsOf('limits', {answers})), {
    smtpd_client_connection_rate_limit: '60',
    smtpd_client_message_rate_limit: '100',
    anvil_rate_time_unit: '30s',
    smtpd_client_event_limit_exceptions: '192.0.2.10',
    default_process_limit: '50',
  });
});

test('what the machine says is adopted and stays in its own words', t => {
  const facts = configured({
    anvil_rate_time_unit: '2m',
    default_process_limit: '40',
    smtpd_client_event_limit_exceptions: '$mynetworks, 192.0.2.10',
  });
  const adopted = stepOf('limits').adopt(facts, debian12Platform);
  t.deepEqual(adopted, {
    connection_rate: 0,
    message_rate: 0,
    time_unit: 120,
    exceptions: ['$mynetworks', '192.0.2.10'],
    processes: 40,
    header_size: 102_400,
    free_space: 0,
  });
  t.deepEqual(wantsOf('limits', {facts, answers: completeAnswers({limits: adopted})}), []);
});

test('a value that refers to another stays, and so do exceptions in a table', t => {
  const facts = configured({
    default_process_limit: '$' + '{my_limit}',
    smtpd_client_event_limit_exceptions: 'cidr:/etc/postfix/friends',
  });
  const adopted = stepOf('limits').adopt(facts, debian12Platform);
  t.false('processes' in adopted);
  t.false('exceptions' in adopted);
  t.deepEqual(wantsOf('limits', {facts}), []);
});

test('more processes than memory holds, and too few messages, are named', t => {
  t.regex(cautionOf('limits', 'processes', 500) ?? '', /2048 MiB\); 102 fit/);
  t.is(cautionOf('limits', 'processes', 100), undefined);
  t.truthy(cautionOf('limits', 'connection_rate', 5));
  t.is(cautionOf('limits', 'connection_rate', 0), undefined);
});

test('limits that would stop the server, and networks of everybody, are refused', t => {
  for (const [question, value] of [
    ['processes', 0],
    ['time_unit', 0],
    ['connection_rate', -1],
    ['header_size', 100],
    ['exceptions', ['0.0.0.0/0']],
    ['exceptions', ['hash:/etc/passwd']],
  ] as const) {
    t.truthy(refusal('limits', question, value), `${question} ${value}`);
  }
});

test('free space that Postfix insists on is raised with the message size, never lowered', t => {
  const facts = configured({queue_minfree: '1000000'});
  t.is(mainSettings(wantsOf('limits', {facts}))['queue_minfree'], String(52_428_800 * 1.5));
  t.is(
    mainSettings(wantsOf('limits', {facts: configured({queue_minfree: '900000000'})}))['queue_minfree'],
    undefined,
  );
  t.is(mainSettings(wantsOf('limits'))['queue_minfree'], undefined);
  t.regex(refusal('limits', 'free_space', 1000) ?? '', /78643200/);
  t.is(refusal('limits', 'free_space', 0), undefined);
  t.is(refusal('limits', 'free_space', 1_000_000, {facts}), undefined);
});
