import test from 'ava';
import {literal} from '../../src/core/text.js';
import {fakeEngine} from '../helpers/fake-engine.js';
import {rowsScene} from '../helpers/rows-step.js';
import {keys, openScreen} from '../helpers/screen.js';

test('a table of lines: one is added, one is changed, one is tried, one is taken out', async t => {
  const engine = fakeEngine({
    scene: rowsScene,
    live: async () => [{id: 'x', severity: 'pass', summary: literal('Rule 2 hits.')}],
  });
  const screen = openScreen(engine, {sections: ['rules']});
  await screen.until('Begin');
  await screen.press(keys.enter);
  await screen.until('Which lines?');
  t.regex(screen.frame(), /1\. \/one, two\/ REJECT/);
  await screen.press(keys.down, keys.enter, 'three', keys.enter);
  await screen.until('A slash comes first.');
  await screen.press(keys.ctrlU, '/three, four/ WARN', keys.enter);
  await screen.until('2. /three, four/ WARN');
  await screen.press(keys.down, keys.down, keys.enter, 'Subject: three', keys.enter);
  await screen.until('Rule 2 hits.');
  await screen.press(keys.ctrlU, keys.enter);
  await screen.until('1. /one, two/ REJECT');
  await screen.press(keys.down, keys.down, keys.down, keys.delete);
  await screen.until('1. /three, four/ WARN');
  await screen.press(keys.up, keys.up, keys.up, keys.enter);
  await screen.until('a accept');
  const planned = engine.asked.find(({call}) => call === 'plan');
  t.deepEqual(planned?.call === 'plan' ? planned.answers['rules'] : undefined, {
    lines: ['/three, four/ WARN'],
  });
  await screen.press(keys.ctrlC);
  await screen.press(keys.down, keys.enter);
  await screen.ended;
});
