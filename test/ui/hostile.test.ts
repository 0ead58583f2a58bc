import {steps} from '../../steps/index.js';
import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import {debian12Facts} from '../helpers/facts.js';
import {fakeEngine} from '../helpers/fake-engine.js';
import {type FakeScreen, keys, openScreen} from '../helpers/screen.js';

const pasted = (text: string) => `\u001b[200~${text}\u001b[201~`;

/** What a name may not be, as it comes out of a clipboard. */
const hostile: Readonly<Record<string, string>> = {
  'a line break': 'mail.example.com\nmynetworks = 0.0.0.0/0',
  'an escape sequence': 'mail.example.com\u001b]0;x\u0007',
  'a C1 control': 'mail.example.com\u009b2J',
  'an override of the direction': 'mail\u202emoc.elpmaxe',
  'nothing that is seen': 'mail\u200b.example.com',
  'combining marks': `mail${'\u0301'.repeat(200)}.example.com`,
  'wide letters': '日本語'.repeat(300),
  'a tag': 'mail.example.com\u{e0041}',
  'ten thousand letters': 'a'.repeat(10_000),
};

const toName = async (screen: FakeScreen) => {
  await screen.until('Begin');
  await screen.press(keys.enter, keys.enter);
  await screen.until('What is its name on the Internet?');
  await screen.press(keys.ctrlU);
};

test('a hostile paste is refused in place with the reason, and nothing of it reaches the terminal raw', async t => {
  const engine = fakeEngine({scene: {steps}});
  const screen = openScreen(engine);
  await toName(screen);
  for (const [what, text] of Object.entries(hostile)) {
    await screen.press(pasted(text), keys.enter);
    const frame = screen.frame();
    t.regex(frame, /What is its name on the Internet\?/, what);
    t.regex(frame, /^ *! \S/m, `${what}:\n${frame}`);
    t.true(frame.split('\n').length <= 24, what);
    await screen.press(keys.ctrlU);
  }

  t.notRegex(screen.written(), /\u202e|\u200b|\u009b|\u001b\]0;x|[\u{e0000}-\u{e007f}]/u);
  t.deepEqual(engine.asked.filter(({call}) => call === 'save').length, 1);
  await screen.press('mail.example.org', keys.enter);
  await screen.until('Mail addresses here end in');
  await screen.press(keys.ctrlC, keys.down, keys.enter);
  t.is(await screen.ended, exitCode.interrupted);
});

test('a machine that knows no name of its own is asked for one, with nothing proposed', async t => {
  const {fqdn: _none, ...host} = debian12Facts().host;
  const screen = openScreen(fakeEngine({scene: {steps, facts: debian12Facts({host})}}));
  await toName(screen);
  t.regex(screen.frame(), /❯ *$/m);
  await screen.press('mail.example.org', keys.enter);
  await screen.until('Mail addresses here end in');
  await screen.press(keys.ctrlC, keys.down, keys.enter);
  t.is(await screen.ended, exitCode.interrupted);
});
