import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {captureZone, giveZoneBack} from '../../src/changes/firewall-zone.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';

const theirs = `<?xml version='1.0' encoding="utf-8"?>
<!-- backups -->
<zone target="DROP">
  <short>Public</short>
  <port protocol="tcp" port="8730"/><service name='ssh'/>
  <rule family="ipv4"><source address="10.0.0.0/8"/><accept/></rule>
</zone>
`;
// The same zone as firewalld prints it.
const printed = (extra = '') =>
  `<?xml version="1.0" encoding="utf-8"?>\n<zone target="DROP">\n  <short>Public</short>\n  <service name="ssh"/>\n${extra}  <port port="8730" protocol="tcp"/>\n  <rule family="ipv4">\n    <source address="10.0.0.0/8"/>\n    <accept/>\n  </rule>\n</zone>\n`;

const tree = () => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-zone-'));
  mkdirSync(join(root, 'etc/firewalld/zones'), {recursive: true});
  mkdirSync(join(root, 'usr/lib/firewalld/zones'), {recursive: true});
  const path = join(root, 'etc/firewalld/zones/public.xml');
  return {root, path, old: `${path}.old`, files: directorySystem(root).files, blobs: memoryBlobs()};
};

test('a zone that means the same again gets its own bytes, mode and time back, and loses firewalld’s copy', t => {
  const {root, path, old, files, blobs} = tree();
  writeFileSync(path, theirs);
  chmodSync(path, 0o640);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const before = captureZone(files, 'public', blobs);
  writeFileSync(path, printed());
  writeFileSync(old, printed('  <service name="imaps"/>\n'));
  giveZoneBack(files, 'public', before, blobs, 'test.0');
  t.is(readFileSync(path, 'utf8'), theirs);
  t.is(statSync(path).mode & 0o777, 0o640);
  t.is(statSync(path).mtimeMs, 1_700_000_000_000);
  t.throws(() => statSync(old), {code: 'ENOENT'});
  rmSync(root, {recursive: true});
});

test('a zone that somebody changed since keeps that change', t => {
  const {root, path, files, blobs} = tree();
  writeFileSync(path, theirs);
  const before = captureZone(files, 'public', blobs);
  for (const now of [
    printed('  <service name="http"/>\n'),
    printed().replace('DROP', 'ACCEPT'),
    printed().replace('8730', '8731'),
    printed().replace('10.0.0.0/8', '10.0.0.0/9'),
  ]) {
    writeFileSync(path, now);
    giveZoneBack(files, 'public', before, blobs, 'test.0');
    t.is(readFileSync(path, 'utf8'), now);
  }

  rmSync(root, {recursive: true});
});

test('a zone that was the package’s own is the package’s own again', t => {
  const {root, path, files, blobs} = tree();
  writeFileSync(join(root, 'usr/lib/firewalld/zones/public.xml'), theirs);
  const before = captureZone(files, 'public', blobs);
  writeFileSync(path, printed());
  giveZoneBack(files, 'public', before, blobs, 'test.0');
  t.throws(() => statSync(path), {code: 'ENOENT'});
  rmSync(root, {recursive: true});
});
