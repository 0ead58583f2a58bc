import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {exitCode} from '../../src/core/exit-code.js';
import {ProblemError} from '../../src/core/finding.js';
import type {CommandContext} from '../../src/commands/context.js';
import {completion} from '../../src/commands/completion.js';
import {help} from '../../src/commands/help.js';
import {manualPage} from '../../src/commands/man.js';
import {langOf, parse} from '../../src/commands/parse.js';
import {type OptionInfo, options} from '../../src/commands/options.js';
import {commands} from '../../src/commands/table.js';

const refusal = (...argv: readonly string[]) => {
  try {
    parse(argv);
    return undefined;
  } catch (error) {
    return error instanceof ProblemError ? error.problem : undefined;
  }
};

test('without the name of a command the words are sections', t => {
  t.deepEqual(parse(['tls', 'smtp', '-n']), {args: ['tls', 'smtp'], options: {'dry-run': true}});
});

test('a command has its own options, before or after its name', t => {
  t.deepEqual(parse(['--json', 'plan', '--answers', 'a.yaml', 'tls']), {
    name: 'plan',
    args: ['tls'],
    options: {json: true, answers: 'a.yaml'},
  });
});

test('after -- everything is a word', t => {
  t.deepEqual(parse(['--', '--json']).args, ['--json']);
});

test('a mistyped option is refused with the nearest one', t => {
  const problem = refusal('apply', '--yess');
  t.is(problem?.code, exitCode.badAnswers);
  t.is(problem?.what.en, 'There is no option “--yess”. Was “--yes” meant?');
  t.is(problem?.remedy.ja, '「dovetail apply --help」で一覧を確認できます。');
});

test('an option of another command is refused instead of ignored', t => {
  t.regex(refusal('plan', '--yes')?.what.en ?? '', /not an option of “plan”/);
  t.regex(refusal('--answers', 'a.yaml')?.what.en ?? '', /not an option of the wizard/);
});

test('an option without its value is refused, also when another option follows', t => {
  t.regex(refusal('plan', '--answers')?.what.en ?? '', /needs a value/);
  t.regex(refusal('plan', '--answers', '--json')?.what.en ?? '', /needs a value/);
  t.regex(refusal('plan', '--json=yes')?.what.en ?? '', /takes no value/);
  t.is(parse(['plan', '--answers=-odd.yaml']).options['answers'], '-odd.yaml');
});

test('names of JavaScript’s own are no options and no commands', t => {
  t.is(refusal('--__proto__')?.code, exitCode.badAnswers);
  t.is(refusal('--constructor')?.code, exitCode.badAnswers);
  t.deepEqual(parse(['constructor']), {args: ['constructor'], options: {}});
});

test('too many words, or not one of those that are known, are refused', t => {
  t.regex(refusal('status', 'x')?.what.en ?? '', /too much for “status”/);
  t.regex(refusal('completion', 'bsh')?.what.en ?? '', /bash, zsh, fish\. Was “bash” meant\?/);
});

test('the language is the one asked for, else the locale’s, also for errors', t => {
  t.is(langOf(['--lang', 'ja', '--nonsense'], 'C'), 'ja');
  t.is(langOf([], 'ja_JP.UTF-8'), 'ja');
  t.is(langOf(['--lang=en'], 'ja_JP.UTF-8'), 'en');
  t.regex(refusal('--lang', 'fr')?.what.en ?? '', /en or ja/);
});

test('help names every command, and every option in the help of some command', t => {
  for (const lang of ['en', 'ja'] as const) {
    const pages = [help(lang), ...Object.keys(commands).map(name => help(lang, name))].join('\n');
    for (const [name, {about}] of Object.entries<OptionInfo>(options)) {
      t.true(pages.includes(`--${name}`), name);
      t.true(pages.includes(about[lang]), name);
    }

    for (const [name, {about}] of Object.entries(commands)) {
      t.true(help(lang).includes(`  ${name}`));
      t.true(help(lang).includes(about[lang]));
    }
  }
});

test('help fits into 80 columns', t => {
  for (const page of [help('en'), ...Object.keys(commands).map(name => help('en', name))]) {
    t.deepEqual(
      page.split('\n').filter(line => line.length > 80),
      [],
    );
  }
});

test('the manual page in docs is the one that the table makes', t => {
  t.is(readFileSync(new URL('../../../docs/dovetail.8', import.meta.url), 'utf8'), manualPage());
});

const script = async (shell: string) => {
  const lines: string[] = [];
  const context: CommandContext = {
    lang: 'en',
    out: line => void lines.push(line),
    err: () => undefined,
    root: false,
    user: 'nobody',
    options: {},
    args: [shell],
    script: '',
    self: {file: '', args: []},
  };
  await completion(context);
  return lines.join('\n');
};

test('bash completes commands, sections and the options of the command that was typed', async t => {
  const complete = (...words: readonly string[]) => {
    const {stdout, status, stderr} = spawnSync(
      'bash',
      [
        '-c',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
        'eval "$(cat)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dovetail; IFS=" "; echo "${COMPREPLY[*]}"',
        'bash',
        ...words,
      ],
      {input: source, encoding: 'utf8'},
    );
    t.is(status, 0, stderr);
    return stdout.trim().split(' ');
  };
  const source = await script('bash');
  t.deepEqual(complete('dovetail', 'rol'), ['rollback', 'role']);
  t.deepEqual(complete('dovetail', 'plan', '--js'), ['--json']);
  t.deepEqual(complete('dovetail', 'plan', '--ye'), ['']);
  t.deepEqual(complete('dovetail', '--lang', ''), ['en', 'ja']);
  t.deepEqual(complete('dovetail', 'completion', ''), [
    'bash',
    'zsh',
    'fish',
    ...complete('dovetail', 'completion', '--'),
  ]);
});

test('the scripts for zsh and fish name every command and option', async t => {
  for (const shell of ['zsh', 'fish']) {
    const made = await script(shell);
    for (const name of Object.keys(commands)) {
      t.true(made.includes(name), `${shell}: ${name}`);
    }

    for (const name of Object.keys(options)) {
      t.true(made.includes(shell === 'fish' ? `-l ${name}` : `--${name}`), `${shell}: ${name}`);
    }
  }
});
