import test from 'ava';
import {isSupported, platformOf, platforms} from '../../src/platforms/index.js';
import {platformNotes} from '../../src/planner/platform-notes.js';

const idOf = (id: string, versionId: string) => platformOf({id, versionId})?.id;

test('a release is known by os-release, point releases included', t => {
  t.is(idOf('debian', '12'), 'debian12');
  t.is(idOf('debian', '13'), 'debian13');
  t.is(idOf('almalinux', '9.4'), 'rhel9');
  t.is(idOf('rocky', '10.0'), 'el10');
  t.is(idOf('ubuntu', '24.04'), 'ubuntu24.04');
});

test('a release that nobody looked at is unknown, however near it is', t => {
  for (const [id, version] of [
    ['ubuntu', '22.10'],
    ['debian', '1'],
    ['debian', '133'],
    ['debian', ''],
    ['fedora', '43'],
  ] as const) {
    t.is(idOf(id, version), undefined, `${id} ${version}`);
  }
});

test('a platform can be named', t => {
  t.is(platformOf({id: 'devuan', versionId: '5'}, 'debian12')?.id, 'debian12');
  t.is(platformOf({id: 'debian', versionId: '12'}, 'nothing'), undefined);
});

test('ids and what they match are unique', t => {
  const matches = platforms.flatMap(({matches: all}) => all.map(({id, version}) => `${id} ${version}`));
  t.is(new Set(matches).size, matches.length);
  t.is(new Set(platforms.map(({id}) => id)).size, platforms.length);
});

test('what was run says so, and everything else says what is unproved, in both languages', t => {
  for (const platform of platforms) {
    const notes = platformNotes(platform, platform.id);
    t.is(notes.length, platform.evidence.run === 'verified' ? 0 : 1, platform.id);
    for (const {summary, cause, remedy} of notes) {
      t.true(summary.en.includes(platform.name) && summary.ja.includes(platform.name));
      t.regex(cause?.en ?? '', /Not checked: .*mail log/);
      t.truthy(remedy);
    }
  }
});

test('a platform that was forced is said', t => {
  const debian = platforms[0];
  t.deepEqual(debian && platformNotes(debian, '').map(({id}) => id), ['platform:forced']);
});

test('only where packages can be installed anything is planned', t => {
  t.deepEqual(
    platforms.filter(isSupported).map(({id}) => id),
    ['debian12', 'debian13', 'ubuntu22.04', 'ubuntu24.04', 'rhel9', 'el10'],
  );
});
