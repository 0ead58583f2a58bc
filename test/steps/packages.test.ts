import test from 'ava';
import type {Platform} from '../../src/core/platform.js';
import {missingConfiguration} from '../../src/engine/plan-refusals.js';
import {packages} from '../../steps/packages.js';
import {services} from '../../steps/services.js';
import {completeAnswers, debian12Facts, debian12Platform, el9Facts, el9Platform} from '../helpers/facts.js';

const instead = completeAnswers({packages: {replace_mta: true}});
const sendmail = {exists: true, enabled: true, active: true};
const beside = el9Facts({
  packages: {sendmail: '8.16.1-1'},
  otherMtas: ['sendmail'],
  mta: '/usr/sbin/sendmail.sendmail',
  units: {'sendmail.service': sendmail},
});
const isAsked = (facts: typeof beside) =>
  packages.questions.replace_mta.when?.({facts, platform: el9Platform, answers: completeAnswers()});

test('where mail servers stand side by side, the name goes over and the other is switched off', t => {
  const context = {answers: {}, all: instead, facts: beside, platform: el9Platform, materials: {}};
  t.deepEqual(packages.plan(context), [
    {kind: 'alternative', name: 'mta', path: '/usr/sbin/sendmail.postfix', state: 'present'},
  ]);
  t.deepEqual(services.plan(context)[0], {kind: 'service', unit: 'sendmail.service', state: 'absent'});
});

test('where Debian removes the other, there is nothing to switch', t => {
  const facts = debian12Facts({otherMtas: ['exim4']});
  const context = {answers: {}, all: instead, facts, platform: debian12Platform, materials: {}};
  t.deepEqual(packages.plan(context), []);
  t.false(services.plan(context).some(want => 'state' in want && want.state === 'absent'));
});

test('it is asked while the other has the name, and not of a server whose Postfix runs', t => {
  const withPostfix = {...beside, packages: {...beside.packages, postfix: '3.5.25-1'}};
  t.true(isAsked(beside));
  t.true(isAsked(withPostfix));
  t.false(isAsked({...withPostfix, mta: '/usr/sbin/sendmail.postfix'}));
  t.false(isAsked({...withPostfix, units: {'postfix.service': sendmail}}));
  t.false(isAsked({...beside, otherMtas: []}));
});

test('defect 35: an installed Dovecot without its configuration is refused with the way to get it back', t => {
  const there = debian12Facts({
    dovecot: {version: '2.3.19.1', dialect: '2.3', root: '/etc/dovecot/dovecot.conf'},
    packages: {'dovecot-core': '1', 'dovecot-imapd': '1', postfix: '3'},
    files: {},
  });
  const refused = (kind: string, facts = there, platform = debian12Platform as Platform) =>
    missingConfiguration(facts, {role: {kind}}, platform);
  t.regex(refused('complete')?.remedy?.en ?? '', /UCF_FORCE_CONFFMISS=1 .* dovecot-core dovecot-imapd”/);
  t.regex(refused('complete', there, el9Platform)?.remedy?.en ?? '', /dnf reinstall/);
  t.is(refused('null-client'), undefined);
  t.is(refused('complete', {...there, files: {'/etc/dovecot/dovecot.conf': ''}}), undefined);
});
