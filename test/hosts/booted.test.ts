import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {bootedBy, noteBoot, worldOf} from './booted.js';

test('what a file of the lab boots is named, and of EL9 it is said that it is a stand-in', t => {
  t.is(worldOf('/lab/base-el9-0a1b2c3d:/lab/base-bookworm-0a1b2c3d'), 'EL9 (stand-in)');
  t.is(worldOf('/lab/server-1:/lab/base-trixie-0a1b2c3d'), 'Debian 13');
  const folder = mkdtempSync(join(tmpdir(), 'dovetail-booted-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 'noted');
  t.is(bootedBy(path), '');
  const before = process.env['DOVETAIL_BOOTED'];
  process.env['DOVETAIL_BOOTED'] = path;
  for (const layers of [
    '/lab/base-bookworm-1',
    '/lab/base-el9-1:/lab/base-bookworm-1',
    '/lab/base-bookworm-1',
  ]) {
    noteBoot(layers);
  }

  t.is(bootedBy(path), 'Debian 12, EL9 (stand-in)');
  if (before === undefined) {
    delete process.env['DOVETAIL_BOOTED'];
  } else {
    process.env['DOVETAIL_BOOTED'] = before;
  }
});
