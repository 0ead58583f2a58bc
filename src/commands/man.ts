import {exitCode} from '../core/exit-code.js';
import {sentence} from './help.js';
import {everywhere, type OptionInfo, type OptionName, options} from './options.js';
import {commands, wizardInfo} from './table.js';

/** The manual page dovetail(8), in man(7)'s macros, made from the table of commands; scripts/man.mjs writes it. */
export const manualPage = (): string =>
  [
    '.\\" Made by scripts/man.mjs from src/commands/table.ts.',
    '.TH DOVETAIL 8',
    '.SH NAME',
    'dovetail \\- set up a mail server of Dovecot and Postfix',
    '.SH SYNOPSIS',
    '.B dovetail',
    '[\\fIoptions\\fR] [\\fISECTION\\fR...]',
    '.br',
    '.B dovetail',
    '\\fICOMMAND\\fR [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    ...paragraph(description),
    '.SH COMMANDS',
    ...Object.entries(commands).flatMap(([name, {takes, about, detail, options: own}]) => [
      '.TP',
      `.B ${roff(name)}${takes === undefined ? '' : ` \\fR${roff(takes.shown.en)}`}`,
      roff(sentence(about.en, 'en')),
      ...(detail === undefined ? [] : [roff(detail.en)]),
      ...(own.length === 0
        ? []
        : [`Options: ${own.map(option => `\\fB\\-\\-${roff(option)}\\fR`).join(', ')}.`]),
    ]),
    '.SH OPTIONS',
    '.SS Of the wizard',
    ...wizardInfo.options.flatMap(optionLines),
    '.SS Of commands',
    ...(Object.keys(options) as OptionName[])
      .filter(name => !wizardInfo.options.includes(name) && !everywhere.includes(name))
      .flatMap(optionLines),
    '.SS Everywhere',
    ...everywhere.flatMap(optionLines),
    '.SH EXIT STATUS',
    ...Object.entries(exitCode).flatMap(([name, code]) => [
      '.TP',
      `.B ${code}`,
      meaning[name as keyof typeof exitCode],
    ]),
    '.SH FILES',
    '.TP',
    '.I /var/lib/dovetail',
    'What was done, and what is needed to undo it. Only root can read it.',
    '.SH SEE ALSO',
    '.BR doveconf (1),',
    '.BR postconf (1),',
    '.BR postfix (1)',
    '',
  ].join('\n');

const description = `Without a command, dovetail asks in the terminal how this machine shall handle mail, shows every change as a
diff, applies all of it as one transaction, and proves the result by logging in and delivering a message. Before the
review is accepted nothing on the machine changes. Afterwards it can be undone.`;

const optionLines = (name: OptionName): readonly string[] => {
  const {short, value, about}: OptionInfo = options[name];
  return [
    '.TP',
    `.B ${short === undefined ? '' : `\\-${short}, `}\\-\\-${roff(name)}${value === undefined ? '' : ` \\fI${roff(value.en)}`}`,
    roff(sentence(about.en, 'en')),
  ];
};

const paragraph = (text: string) => text.split('\n').map(roff);

// A hyphen would be typeset as one and could not be copied; a dot at the start of a line would be a macro.
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('’', "'")
    .replace(/^[.']/, String.raw`\&$&`);

const meaning: Readonly<Record<keyof typeof exitCode, string>> = {
  done: 'Done, or nothing to do.',
  internal: 'A mistake in dovetail itself.',
  pending: 'Changes are pending (plan, dry run), or a check failed (check).',
  stuck: 'It could not be put back safely, or is in doubt; nothing that is needed was thrown away.',
  badAnswers: 'The answers or the command line are wrong.',
  stalePlan: 'The machine changed since the review.',
  rolledBack: 'It failed, and everything was put back.',
  conflictsKept: 'It was undone, except what others changed since.',
  unsupportedPlatform: 'This system is not supported.',
  needsRootOrTerminal: 'Root or a terminal is needed.',
  networkOrPackages: 'The network or the package manager failed.',
  notChecked: 'Some checks could not be made.',
  locked: 'Another dovetail is at work.',
  interrupted: 'Interrupted by the admin; everything is as it was.',
};
