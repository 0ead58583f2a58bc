import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {contradictions} from '../../src/planner/owners.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform, el9Facts, el9Platform} from '../helpers/facts.js';
import {allWants} from '../helpers/sections.js';

const roles: Readonly<Record<string, AllAnswers>> = {
  complete: completeAnswers(),
  'complete with a relay': completeAnswers({
    relay: {how: 'smarthost', host: 'relay.example.net', user: 'me', password: {held: 'r'}},
  }),
  'complete with everything': completeAnswers({
    protocols: {services: ['imap', 'pop3'], ports: 'tls-and-starttls'},
    smtp: {networks: ['10.0.0.0/8'], interfaces: 'loopback', protocols: 'ipv4'},
    'smtp-tls': {inbound: 'encrypt', outbound: 'dane'},
    submission: {ports: ['465'], sender_must_match: false},
    hardening: {disable_vrfy: false, helo_required: false},
  }),
  'users of the machine': completeAnswers({
    auth: {backends: ['pam']},
    'auth-pam': {accounts: [{name: 'anna', password: {held: 'a'}}]},
  }),
  'users of the machine, one owner of all mail': completeAnswers({
    auth: {backends: ['pam']},
    'auth-pam': {accounts: [{name: 'anna', password: {held: 'a'}}], homes: 'virtual', first_uid: 2000},
  }),
  'a list and users of the machine': completeAnswers({
    auth: {backends: ['passwd-file', 'pam'], mechanisms: ['plain']},
    'auth-pam': {accounts: [{name: 'carl', password: {held: 'c'}}]},
  }),
  'mailboxes alone': completeAnswers({
    role: {kind: 'dovecot-only', hostname: 'mail.example.com', domains: ['example.com']},
  }),
  gateway: {
    role: {kind: 'postfix-only', hostname: 'mx.example.com', domains: ['example.com']},
    tls: {source: 'self-signed'},
    smtp: {admin: 'anna@example.com'},
    delivery: {host: 'imap.example.com'},
    submission: {login: 'tcp', login_in_clear: true},
    relay: {
      how: 'smarthost',
      host: 'relay.example.net',
      exceptions: ['partner.example=direct'],
      senders: ['@isp.example=relay.isp.example:587'],
    },
  },
  'null client': {
    role: {kind: 'null-client', hostname: 'web.example.com'},
    smtp: {admin: 'anna@example.com'},
    relay: {how: 'smarthost', host: 'relay.example.net'},
  },
};
const machines = {
  'Debian 12': {facts: debian12Facts(), platform: debian12Platform},
  'Debian 12 without packages': {
    facts: (({dovecot: _d, postfix: _p, ...facts}) => facts)(debian12Facts()),
    platform: debian12Platform,
  },
  'EL 9': {facts: el9Facts(), platform: el9Platform},
};

for (const [role, answers] of Object.entries(roles)) {
  for (const [machine, scene] of Object.entries(machines)) {
    test(`no two sections contradict each other: ${role} on ${machine}`, t => {
      const wants = allWants({answers, ...scene});
      t.deepEqual(contradictions(wants, steps), []);
      t.true(wants.length > 5);
    });
  }
}

test('no want carries a line break into main.cf or master.cf', t => {
  for (const answers of Object.values(roles)) {
    for (const {want} of allWants({answers})) {
      if (('in' in want && want.in === 'main.cf') || want.kind === 'master') {
        t.notRegex(JSON.stringify(want), /\\[nr]/);
      }
    }
  }
});

test('every question says what, why and how in both languages', t => {
  for (const step of steps) {
    for (const [id, {ask, help, why}] of Object.entries(step.questions)) {
      for (const words of [ask, help, why]) {
        t.true(words.en.trim() !== '' && words.ja.trim() !== '', `${step.id}.${id}`);
        t.regex(words.ja, /[\u3040-\u30ff\u4e00-\u9fff]/, `${step.id}.${id}`);
      }
    }
  }
});

test('the sections that a section needs exist', t => {
  const known = new Set(steps.map(({id}) => id));
  for (const step of steps) {
    t.true(
      step.needs.every(need => known.has(need)),
      step.id,
    );
  }
});

test('mailboxes alone: nothing of Postfix, its ports or its packages is wanted', t => {
  for (const {section, want} of allWants({answers: roles['mailboxes alone'] ?? {}})) {
    t.false('in' in want && want.in === 'main.cf', section);
    t.not(want.kind, 'master', section);
    t.false(want.kind === 'port' && [25, 465, 587].includes(want.port), section);
    t.notRegex(JSON.stringify(want), /postfix/, section);
  }
});
