import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import {fill, join, type Lang, type Text, visibleLine} from '../core/text.js';
import {detect} from '../detect/index.js';
import {generatePassword} from '../engine/password.js';
import type {Machine} from '../engine/machine.js';
import {createVault} from '../engine/vault.js';
import type {Program} from '../system/types.js';
import {isSupported, platformOf, platforms} from '../platforms/index.js';
import {evidenceOf, knownOf, platformNotes} from '../planner/platform-notes.js';
import {platformNamed} from './platform-named.js';
import {systemOf} from './system-of.js';

export {needRoot} from './need-root.js';

/** What every command is given; made once in `cli.ts`. */
export type CommandContext = {
  readonly lang: Lang;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly root: boolean;
  readonly user: string;
  readonly ssh?: string;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
  /** This program's own script. */
  readonly script: string;
  /** How this program is started again inside a namespace. */
  readonly self: Program;
};

/**
 * Detection, refused on a system that dovetail does not know unless `--platform` names one, and on one whose package
 * manager it cannot drive unless nothing is to be changed (`reading`). `large`: as in `detect`.
 */
export const openMachine = async (
  context: CommandContext,
  {reading = false, large = true}: {readonly reading?: boolean; readonly large?: boolean} = {},
): Promise<Machine> => {
  const system = systemOf(context);
  const named = platformNamed(context);
  const facts = await detect(system, {
    ground: system.ground === 'directory' ? 'directory' : 'machine',
    root: context.root,
    user: context.user,
    large,
    ...(context.ssh === undefined ? {} : {ssh: context.ssh}),
    ...(named === undefined ? {} : {platform: named}),
  });
  const platform = platformOf(facts.os, named);
  if (platform === undefined) {
    throw new ProblemError({
      code: exitCode.unsupportedPlatform,
      what:
        named === undefined
          ? fill(texts.unsupported, {os: facts.os.name || '?'})
          : fill(texts.unknown, {named: visibleLine(named)}),
      remedy: join([texts.supported, supported, texts.nearest]),
    });
  }

  if (!reading && !isSupported(platform)) {
    throw new ProblemError({
      code: exitCode.unsupportedPlatform,
      what: fill(texts.packages, {name: platform.name, manager: platform.foreign ?? platform.packageManager}),
      cause: evidenceOf(platform),
      remedy: join([texts.packagesRemedy, supported, texts.noNearest]),
    });
  }

  return {
    system,
    // Before anything is asked: how far what follows can be relied on.
    facts: {...facts, findings: [...platformNotes(platform, facts.platformId), ...facts.findings]},
    platform,
    vault: createVault(generatePassword),
  };
};

const supported = knownOf(platforms.filter(isSupported));

/** Who asks, for others who find the lock taken. */
export const nameOf = ({user, ssh}: Pick<CommandContext, 'user' | 'ssh'>) => {
  const name = process.env['SUDO_USER'] ?? user;
  const from = ssh?.split(' ')[0];
  return from === undefined ? name : `${name} from ${from}`;
};

/** Findings as lines of text: summary, cause, remedy, evidence. */
export const findingLines = (
  {severity, summary, cause, remedy, evidence}: Finding,
  lang: Lang,
): readonly string[] => [
  `${{pass: '[ok]  ', warning: '[!]   ', fail: '[FAIL]', unchecked: '[?]   '}[severity]} ${summary[lang]}`,
  ...[cause, severity === 'pass' ? undefined : remedy].flatMap(text =>
    text === undefined ? [] : [`       ${text[lang]}`],
  ),
  ...(evidence ?? []).map(line => `       | ${line}`),
];

const texts = {
  unsupported: {en: 'This system is not known: {os}.', ja: '未対応のシステムです: {os}'},
  unknown: {
    en: 'There is no platform “{named}”.',
    ja: '「{named}」というプラットフォームはありません。',
  },
  supported: {en: 'Supported:', ja: '対応システム:'},
  nearest: {
    en: '“--platform ID” takes the nearest one.',
    ja: '「--platform ID」で最も近いものを指定できます。',
  },
  noNearest: {
    en: '“--platform ID” changes nothing about that: packages would be installed with the same program.',
    ja: '「--platform ID」を指定しても、同じプログラムでパッケージを導入するため変わりません。',
  },
  packages: {
    en: 'dovetail knows {name}, but cannot install packages with {manager} yet.',
    ja: '{name} は既知ですが、{manager} によるパッケージの導入にはまだ対応していません。',
  },
  packagesRemedy: {
    en: 'Nothing was changed. “dovetail check”, “answers” and “status” work here too. Changes are made on:',
    ja: '何も変更していません。「dovetail check」「answers」「status」はここでも使えます。変更できるシステム:',
  },
} satisfies Record<string, Text>;
