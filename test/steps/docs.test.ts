import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {steps} from '../../steps/index.js';

const root = new URL('../../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, root), 'utf8');

for (const {id, questions} of steps) {
  test(`${id} has a page that names each of its questions`, t => {
    const path = `docs/sections/${id}.md`;
    t.true(existsSync(new URL(path, root)), path);
    const page = textOf(path);
    t.true(page.startsWith(`# ${id}\n`));
    t.deepEqual(
      Object.keys(questions).filter(question => !page.includes(`\`${question}\``)),
      [],
    );
    if (Object.keys(questions).length === 0) {
      t.regex(page, /Nothing (?:is asked|on the machine)/);
    }
  });
}

test('the README names every section, and each file that it sends the reader to is there', t => {
  const readme = textOf('README.md');
  const [, named = ''] = /^\| sections \| (.+) \|$/m.exec(readme) ?? [];
  t.deepEqual(
    named.split(', ').map(name => name.replace(/ \(.*/, '')),
    steps.map(({id}) => id),
  );
  for (const [, path = ''] of readme.matchAll(/(?:`|\()((?:docs|examples)\/[\w./-]+)[`)]/g)) {
    t.true(existsSync(new URL(path, root)), path);
  }
});
