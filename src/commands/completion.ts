import {exitCode} from '../core/exit-code.js';
import {steps} from '../../steps/index.js';
import type {CommandContext} from './context.js';
import {everywhere, type OptionInfo, type OptionName, options} from './options.js';
import {type CommandInfo, commands, wizardInfo} from './table.js';

/** `dovetail completion bash|zsh|fish`: a completion script, made from the table of commands. */
export const completion = async ({args, out}: CommandContext): Promise<number> => {
  const shell = args[0] as keyof typeof scripts;
  out(scripts[shell]());
  return exitCode.done;
};

const sections = () => steps.filter(({questions}) => Object.keys(questions).length > 0).map(({id}) => id);
const names = () => Object.keys(commands);
const optionsOf = ({options: own}: CommandInfo): readonly OptionName[] => [...own, ...everywhere];
const dashed = (names: readonly OptionName[]) => names.map(name => `--${name}`);
const wordsOf = ({takes}: CommandInfo): readonly string[] =>
  takes === undefined || takes.words === 'id' || takes.words === 'host'
    ? []
    : takes.words === 'sections'
      ? sections()
      : takes.words;
const valued = Object.entries<OptionInfo>(options).filter(([, {value}]) => value !== undefined);
const offered = ([, {offers}]: (typeof valued)[number]) => (typeof offers === 'object' ? offers : []);

const bash = () => `# bash completion for dovetail
_dovetail() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word
  COMPREPLY=()
  case $previous in
${valued
  .map(option =>
    option[1].offers === 'files'
      ? `    --${option[0]}) COMPREPLY=($(compgen -f -- "$current")); return ;;`
      : `    --${option[0]}) COMPREPLY=($(compgen -W '${offered(option).join(' ')}' -- "$current")); return ;;`,
  )
  .join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names().join('|')}) command=$word; break ;; esac
  done
  case $command in
${Object.entries(commands)
  .map(
    ([name, info]) =>
      `    ${name}) COMPREPLY=($(compgen -W '${[...wordsOf(info), ...dashed(optionsOf(info))].join(' ')}' -- "$current")) ;;`,
  )
  .join('\n')}
    *) COMPREPLY=($(compgen -W '${[...names(), ...sections(), ...dashed(optionsOf(wizardInfo))].join(' ')}' -- "$current")) ;;
  esac
}
complete -F _dovetail dovetail`;

const zsh = () => `#compdef dovetail
local -a commands words
local word command=
commands=(
${Object.entries(commands)
  .map(([name, {about}]) => `  '${name}:${about.en}'`)
  .join('\n')}
)
for word in "\${words[@]:1:$((CURRENT-2))}"; do
  (( \${commands[(I)\${word}:*]} )) && command=$word && break
done
case $words[CURRENT-1] in
${valued
  .map(option =>
    option[1].offers === 'files'
      ? `  --${option[0]}) _files; return ;;`
      : `  --${option[0]}) compadd -- ${offered(option).join(' ')}; return ;;`,
  )
  .join('\n')}
esac
case $command in
${Object.entries(commands)
  .map(
    ([name, info]) => `  ${name}) compadd -- ${[...wordsOf(info), ...dashed(optionsOf(info))].join(' ')} ;;`,
  )
  .join('\n')}
  *)
    _describe command commands
    compadd -- ${[...sections(), ...dashed(optionsOf(wizardInfo))].join(' ')} ;;
esac`;

const fish = () => {
  const known = names().join(' ');
  const option = (name: OptionName, when: string) => {
    const {short, value, about, offers}: OptionInfo = options[name];
    return [
      `complete -c dovetail -n '${when}' -l ${name}`,
      short === undefined ? '' : `-s ${short}`,
      value === undefined ? '' : offers === 'files' ? '-r -F' : '-x',
      typeof offers === 'object' ? `-a '${offers.join(' ')}'` : '',
      `-d '${about.en}'`,
    ]
      .filter(Boolean)
      .join(' ');
  };
  const none = `not __fish_seen_subcommand_from ${known}`;
  return [
    '# fish completion for dovetail',
    'complete -c dovetail -f',
    ...Object.entries(commands).map(
      ([name, {about}]) => `complete -c dovetail -n '${none}' -a ${name} -d '${about.en}'`,
    ),
    `complete -c dovetail -n '${none}' -a '${sections().join(' ')}'`,
    ...wizardInfo.options.map(name => option(name, none)),
    ...Object.entries(commands).flatMap(([name, info]) => [
      ...(wordsOf(info).length === 0
        ? []
        : [`complete -c dovetail -n '__fish_seen_subcommand_from ${name}' -a '${wordsOf(info).join(' ')}'`]),
      ...info.options.map(own => option(own, `__fish_seen_subcommand_from ${name}`)),
    ]),
    ...everywhere.map(name => option(name, 'true')),
  ].join('\n');
};

const scripts = {bash, zsh, fish};
