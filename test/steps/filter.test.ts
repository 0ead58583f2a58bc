import test from 'ava';
import {clamavFiles, hasSignatures} from '../../src/core/clamav-files.js';
import type {Facts} from '../../src/core/facts.js';
import {attachmentRules, endingsIn} from '../../templates/attachments.js';
import {clamavMilterUnit} from '../../templates/clamav-milter-unit.js';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Platform,
} from '../helpers/facts.js';
import {
  allWants,
  cautionOf,
  mainItems,
  notesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const answers = (own: Readonly<Record<string, unknown>>, more = {}) =>
  completeAnswers({filter: own, ...more});
const configured = {dovecot: true, postfix: true};
const rules = '/etc/postfix/dovetail_attachments';
const rspamd = '{ inet:localhost:11332, default_action=accept }';
const there = (settings: Readonly<Record<string, string>>, files: Facts['files'] = {}) =>
  debian12Facts({configured, postfix: debian12Postfix(settings), files});

// POSIX classes as JavaScript has them; the table is case-insensitive.
const refuses = (header: string, endings = ['exe', 'js']) => {
  const source = /^\/(.*)\/ REJECT/m.exec(attachmentRules(endings))?.[1] ?? '';
  return new RegExp(source.replaceAll('[[:space:].]', '[\\s.]').replaceAll('[[:space:]]', '\\s'), 'is').test(
    header,
  );
};

test('a name is refused by its ending, quoted, numbered, encoded, folded or with something behind it', t => {
  for (const header of [
    'Content-Disposition: attachment; filename="a.exe"',
    'Content-Disposition: attachment; filename=a.EXE',
    'Content-Disposition: attachment;\n\tfilename="a b.js"; size=3',
    'Content-Type: application/x; name="x.exe. "',
    "Content-Disposition: attachment; filename*=utf-8''a%2Eexe",
    'Content-Disposition: attachment; filename*0="a.exe"',
  ]) {
    t.true(refuses(header), header);
  }
});

test('endings elsewhere in a name, other headers and other endings pass', t => {
  for (const header of [
    'Content-Disposition: attachment; filename="a.exe.txt"',
    'Content-Type: application/javascript; name="a.json"',
    'Content-Type: text/html; charset=x.js',
    'Subject: name=a.exe',
  ]) {
    t.false(refuses(header), header);
  }
});

test('the rules are added behind those that are there, and behind what Postfix would have used without', t => {
  const wants = wantsOf('filter', {answers: answers({attachments: true})});
  t.deepEqual(mainItems(wants, 'mime_header_checks'), [`+regexp:${rules}`]);
  t.like(
    wants.find(want => want.kind === 'item' && want.at === 'mime_header_checks'),
    {base: ['$header_checks']},
  );
});

test('what is there is adopted: endings, the filter, and what happens while it is down', t => {
  const own = ['exe', 'js'];
  const settings = {
    mime_header_checks: `$header_checks regexp:${rules}`,
    smtpd_milters: '{ inet:localhost:11332, default_action=tempfail }',
  };
  const facts = there(settings, {[rules]: attachmentRules(own)});
  t.deepEqual(stepOf('filter').adopt(facts, debian12Platform), {
    attachments: true,
    endings: own,
    spam: 'rspamd',
    when_down: 'tempfail',
    viruses: 'off',
  });
  t.deepEqual(stepOf('filter').adopt(there({}), debian12Platform), {
    attachments: false,
    spam: 'off',
    viruses: 'off',
  });
  t.is(endingsIn('/name=.*exe/ REJECT\n'), undefined);
});

test('a spam filter of somebody else’s is no answer, and nothing is taken from it', t => {
  const facts = there({smtpd_milters: 'inet:127.0.0.1:11332'});
  t.deepEqual(stepOf('filter').adopt(facts, debian12Platform), {attachments: false, viruses: 'off'});
  t.deepEqual(wantsOf('filter', {answers: answers({spam: 'off', attachments: false}), facts}), []);
});

test('mail is looked at before it is signed, in whatever order the two were asked for', t => {
  const wants = allWants({answers: answers({spam: 'rspamd'}, {signing: {sign: true}})});
  const [first, second] = wants.flatMap(({want}) =>
    want.kind === 'item' && want.in === 'main.cf' && want.at === 'smtpd_milters' ? [want] : [],
  );
  t.is(first?.value, rspamd);
  t.true(first?.before?.includes('{ unix:opendkim/opendkim.sock, default_action=accept }'));
  t.true(second?.after?.includes(rspamd));
});

test('the memory that it takes is said where there is little, and a platform without it says so', t => {
  t.regex(cautionOf('filter', 'spam', 'rspamd', {facts: debian12Facts({memoryMiB: 512})}) ?? '', /512 MB/);
  t.is(cautionOf('filter', 'spam', 'rspamd', {facts: debian12Facts({memoryMiB: 4096})}), undefined);
  t.regex(refusal('filter', 'spam', 'rspamd', {platform: el9Platform}) ?? '', /no rspamd/);
});

test('nothing but small letters and digits gets into the rules', t => {
  const scene = {answers: answers({attachments: true})};
  for (const ending of ['.exe', 'a b', 'a|b', 'EXE', ')', '', 'x/ OK', 'ü']) {
    t.truthy(refusal('filter', 'endings', [ending], scene), ending);
  }

  t.truthy(refusal('filter', 'endings', [], scene));
  t.is(refusal('filter', 'endings', ['exe', 'ps1', '7z'], scene), undefined);
});

test('switched off, rules and filter leave Postfix again', t => {
  const facts = there(
    {mime_header_checks: `regexp:${rules}`, smtpd_milters: rspamd, non_smtpd_milters: rspamd},
    {[rules]: attachmentRules(['exe'])},
  );
  const wants = wantsOf('filter', {answers: answers({attachments: false, spam: 'off'}), facts});
  t.deepEqual(mainItems(wants, 'mime_header_checks'), [`-regexp:${rules}`]);
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`-${rspamd}`]);
  t.true(wants.some(want => want.kind === 'file' && want.path === rules && want.state === 'absent'));
  t.true(wants.some(want => want.kind === 'service' && want.state === 'absent'));
});

const milterFile = '/etc/clamav/clamav-milter.conf';
const clamav = (action: string) => `{ unix:clamav/clamav-milter.sock, default_action=${action} }`;
// As Debian's package leaves it, in short.
const packaged = [
  'MilterSocket /var/run/clamav/clamav-milter.ctl',
  'FixStaleSocket true',
  'User clamav',
  'OnInfected Quarantine',
  'OnFail Defer',
  'MilterSocketGroup clamav',
  'MilterSocketMode 666',
  '',
].join('\n');
const set = (onFail: string) =>
  [
    'MilterSocket /var/spool/postfix/clamav/clamav-milter.sock',
    'FixStaleSocket true',
    'Foreground true',
    'User clamav',
    'OnInfected Reject',
    `OnFail ${onFail}`,
    'MilterSocketMode 660',
    'RejectMsg This message carries a virus: %v',
    '',
  ].join('\n');
/** How its filter is started, as we set it up. */
const unit = {[clamavFiles.unit]: '[Service]\n'};
const units = (wants: readonly {readonly kind: string}[]) =>
  wants.flatMap(want =>
    want.kind === 'service'
      ? [
          `${(want as {state?: string}).state === 'present' ? '+' : '-'}${(want as {unit?: string}).unit?.replace('.service', '')}`,
        ]
      : [],
  );

test('a virus is refused and not put where nobody looks, and only Postfix may talk to the filter', t => {
  const facts = debian12Facts({files: {[milterFile]: packaged}});
  const wants = wantsOf('filter', {answers: answers({viruses: 'clamav'}), facts});
  t.deepEqual(rowsWanted(wants, milterFile), [
    'MilterSocket /var/spool/postfix/clamav/clamav-milter.sock',
    '- MilterSocketGroup',
    'MilterSocketMode 660',
    'Foreground true',
    'OnInfected Reject',
    'RejectMsg This message carries a virus: %v',
    'OnFail Accept',
  ]);
  t.like(
    wants.find(want => want.kind === 'directory'),
    {path: '/var/spool/postfix/clamav', owner: 'clamav', group: 'postfix', mode: 0o2750},
  );
});

test('a filter that runs without its daemon answers as Postfix would without the filter', t => {
  const wants = wantsOf('filter', {answers: answers({viruses: 'clamav', viruses_down: 'tempfail'})});
  t.true(rowsWanted(wants, milterFile).includes('OnFail Defer'));
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`+${clamav('tempfail')}`]);
});

test('a daemon without signatures is not started: it starts once they are there, and the review says so', t => {
  const scene = (virusSignatures: boolean) => ({
    answers: answers({viruses: 'clamav'}),
    facts: debian12Facts({virusSignatures}),
  });
  const waiting = ['+clamav-freshclam', '+dovetail-clamav.path', '+clamav-milter'];
  t.deepEqual(units(wantsOf('filter', scene(false))), waiting);
  t.deepEqual(units(wantsOf('filter', scene(true))).toSorted(), [...waiting, '+clamav-daemon'].toSorted());
  t.deepEqual(notesOf('filter', scene(false)), ['filter:signatures']);
  t.deepEqual(notesOf('filter', scene(true)), []);
});

test('what ClamAV does is adopted where all of it is as it is set up here, and otherwise left alone', t => {
  const main = (action: string) => ({smtpd_milters: clamav(action)});
  const adopted = (settings: Readonly<Record<string, string>>, text: string) =>
    stepOf('filter').adopt(there(settings, {[milterFile]: text, ...unit}), debian12Platform);
  t.like(adopted(main('accept'), set('Accept')), {viruses: 'clamav', viruses_down: 'accept'});
  t.like(adopted(main('tempfail'), set('Defer')), {viruses: 'clamav', viruses_down: 'tempfail'});
  for (const text of [set('Defer'), set('Accept').replace('Reject\n', 'Blackhole\n'), packaged, '']) {
    t.false('viruses' in adopted(main('accept'), text), text);
  }

  t.false('viruses' in adopted({smtpd_milters: 'unix:/clamav/clamav-milter.ctl'}, packaged));
  t.deepEqual(
    wantsOf('filter', {
      answers: answers({attachments: false, spam: 'off'}),
      facts: there({smtpd_milters: 'unix:/clamav/clamav-milter.ctl'}, {[milterFile]: packaged}),
    }),
    [],
  );
});

test('its filter is started in the foreground, and switched off, the package’s script can start it again', t => {
  const on = wantsOf('filter', {answers: answers({viruses: 'clamav'})});
  const text = on.flatMap(want =>
    want.kind === 'file' && want.path === clamavFiles.unit && want.state === 'present' ? want.content : [],
  );
  t.like(text[0], {
    text: clamavMilterUnit(milterFile, '/var/spool/postfix/clamav/clamav-milter.sock'),
  });
  t.true(on.some(want => want.kind === 'directory' && clamavFiles.unit === `${want.path}/dovetail.conf`));
  const facts = there({smtpd_milters: clamav('accept')}, {[milterFile]: set('Accept'), ...unit});
  const off = wantsOf('filter', {answers: answers({viruses: 'off'}), facts});
  t.deepEqual(rowsWanted(off, milterFile), ['Foreground false']);
  t.true(off.some(want => want.kind === 'file' && want.path === clamavFiles.unit && want.state === 'absent'));
});

test('Debian 13’s second way to load signatures keeps still while the first one is switched on', t => {
  const on = wantsOf('filter', {answers: answers({viruses: 'clamav'})});
  const file = on.find(want => want.kind === 'file' && want.path === clamavFiles.once);
  t.like(file, {
    content: [
      {
        text: '[Unit]\nConditionPathExists=!/etc/systemd/system/multi-user.target.wants/clamav-freshclam.service\n',
      },
    ],
  });
  const facts = there({smtpd_milters: clamav('accept')}, {[clamavFiles.once]: '[Unit]\n'});
  const off = wantsOf('filter', {answers: answers({viruses: 'off'}), facts});
  t.true(off.some(want => want.kind === 'file' && want.path === clamavFiles.once && want.state === 'absent'));
});

test('a queue’s directory with other letters in it is named to systemd as it is', t => {
  const text = clamavMilterUnit('/etc/x', '/var/spool/a "b" $c/%d');
  t.regex(text, /"\/var\/spool\/a \\"b\\" \$\$c\/%%d"$/m);
});

test('switched off, ClamAV leaves Postfix and stops', t => {
  const facts = there({smtpd_milters: clamav('accept')}, {[milterFile]: set('Accept'), ...unit});
  const wants = wantsOf('filter', {answers: answers({viruses: 'off'}), facts});
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`-${clamav('accept')}`]);
  t.true(units(wants).every(unit => unit.startsWith('-')));
  t.is(units(wants).length, 5);
});

test('viruses are looked for before spam is, and both before mail is signed', t => {
  const wants = allWants({
    answers: answers({spam: 'rspamd', viruses: 'clamav'}, {signing: {sign: true}}),
  }).flatMap(({want}) =>
    want.kind === 'item' && want.in === 'main.cf' && want.at === 'smtpd_milters' ? [want] : [],
  );
  const first = wants.find(({value}) => value === clamav('accept'));
  t.true(first?.before?.includes(rspamd));
  t.true(first?.before?.includes('{ unix:opendkim/opendkim.sock, default_action=accept }'));
  t.true(wants.find(({value}) => value === rspamd)?.after?.includes(clamav('accept')));
});

test('the memory that ClamAV takes is said, and a platform without it says so', t => {
  const caution = (memoryMiB: number) =>
    cautionOf('filter', 'viruses', 'clamav', {facts: debian12Facts({memoryMiB})});
  t.regex(caution(2048) ?? '', /2048 MB/);
  t.is(caution(8192), undefined);
  t.regex(refusal('filter', 'viruses', 'clamav', {platform: el9Platform}) ?? '', /no ClamAV/);
});

test('signatures are there where both of the databases are that the daemon waits for', t => {
  t.true(hasSignatures(['main.cvd', 'daily.cld', 'bytecode.cvd']));
  t.false(hasSignatures(['main.cvd', 'freshclam.dat']));
  t.false(hasSignatures(['main.cvd.tmp', 'daily.cvd']));
  t.false(hasSignatures([]));
});
