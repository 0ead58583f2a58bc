import test from 'ava';
import {complete} from '../../src/answers/complete.js';
import {splitLines} from '../../src/config/lines.js';
import type {AllAnswers} from '../../src/core/question.js';
import {adoptAll, onTop} from '../../src/engine/adopt.js';
import {wantedOf} from '../../src/engine/wanted.js';
import {compile} from '../../src/planner/compile.js';
import {steps} from '../../steps/index.js';
import {handWritten, type HandWritten} from '../helpers/hand-written.js';
import {applyWants, contentsOf, stockImage, undoAll} from '../helpers/law.js';
import {bytesAt} from '../helpers/disk.js';
import {differing} from '../helpers/oracle.js';

/** What a run wants on a hand-written server where this is said. */
const wantsOn = ({stock: {facts, platform}}: HandWritten, said: AllAnswers) => {
  const base = adoptAll(steps, facts, platform);
  const scenario = {steps, answers: complete(steps, onTop(base, said), {facts, platform}), facts, platform};
  return wantedOf({scenario, base, said, scope: {named: [], leftOut: []}, materials: {}});
};

const plannedOn = (one: HandWritten, said: AllAnswers) =>
  compile({
    wants: wantsOn(one, said),
    facts: one.stock.facts,
    platform: one.stock.platform,
    put: text => text,
  });

/** Another answer of each section, which needs no password. */
const another = {
  'auth-ldap': {scope: 'onelevel', base: 'ou=staff,dc=example,dc=com'},
  'auth-sql': {scheme: 'ARGON2ID'},
} as const;

for (const one of handWritten) {
  const {stock, section, answers} = one;
  test(`${one.name}: is read as it is meant`, t => {
    t.like(adoptAll(steps, stock.facts, stock.platform)[section], answers);
  });

  test(`${one.name}: every default answer plans nothing`, t => {
    const own = adoptAll(steps, stock.facts, stock.platform);
    for (const said of [{}, own]) {
      t.deepEqual(
        plannedOn(one, said).changes.map(({id}) => id),
        [],
      );
    }
  });

  test(`${one.name}: one other answer leaves every comment and every line that it is not about, and goes back`, async t => {
    const bare = stockImage(stock);
    const wants = wantsOn(one, {[section]: another[section]});
    t.true(wants.length > 0);
    const {image, id} = await applyWants(stock, bare, wants, stock.facts);
    const changed = Object.entries(stock.facts.files).flatMap(([path, text]) => {
      const after = bytesAt(image, path)?.toString('latin1') ?? '';
      return after === text ? [] : [{path, text, after}];
    });
    t.true(changed.length > 0);
    for (const {path, text, after} of changed) {
      const lines = new Set(splitLines(after));
      const gone = splitLines(text).filter(line => !lines.has(line));
      t.deepEqual(
        gone.filter(line => line.trim().startsWith('#')),
        [],
        path,
      );
      t.deepEqual(
        gone.filter(line => /\S\s+# /.test(line)),
        [],
        `${path}: comments behind a value`,
      );
      t.log(path, gone.join(''));
    }

    t.deepEqual(differing(contentsOf(bare), contentsOf(await undoAll(image, id))), []);
  });
}
