import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Host, RunResult} from './types.js';

/** What the policy says of a path: the rule of this machine's own for exactly it, and the type that it ends up with. */
export type LabelRule = {readonly local: string | null; readonly effective: string | null};

/** Whether the kernel that runs here labels files: in a tree or a view it does not, nor with SELinux off. */
export const isLabelling = ({ground, files}: Host) =>
  ground === 'machine' && files.lstat('/sys/fs/selinux/enforce') !== undefined;

/** Asks the machine's own policy (semanage-fcontext(8), matchpathcon(8)). Throws a ProblemError where it cannot be asked. */
export const labelRule = async (host: Host, path: string): Promise<LabelRule> => {
  const rules = await host.run('/usr/sbin/semanage', ['fcontext', '--list', '--locallist', '--noheading']);
  const expected = await host.run('/usr/sbin/matchpathcon', ['-n', path]);
  for (const result of [rules, expected]) {
    refuse(result, path);
  }

  return {local: localType(rules.stdout, path) ?? null, effective: typeOf(expected.stdout) ?? null};
};

/** Writes, changes or (null) removes the rule for a path and all below it, and gives what is there the label that now fits. */
export const setLabelRule = async (
  host: Host,
  path: string,
  type: string | null,
  before: string | null,
  say: (line: string) => void,
) => {
  const verb = type === null ? ['--delete'] : [before === null ? '--add' : '--modify', '--type', type];
  if (type !== before) {
    const args = ['fcontext', ...(isLabelling(host) ? [] : ['--noreload']), ...verb, patternOf(path)];
    refuse(await host.run('/usr/sbin/semanage', args, {timeout: 300_000, onLine: say}), path);
  }

  if (isLabelling(host) && host.files.lstat(path) !== undefined) {
    // As many files as a mail store has: no time limit.
    refuse(await host.run('/usr/sbin/restorecon', ['-R', path], {timeout: 0, onLine: say}), path);
  }
};

/** Whether a path has the label that the policy has for it (matchpathcon(8), -V). */
export const hasItsLabel = async (host: Host, path: string) =>
  (await host.run('/usr/sbin/matchpathcon', ['-V', path])).exitCode === 0;

/** A path and all below it, as file_contexts(5) has it: a regular expression of PCRE. */
export const patternOf = (path: string) => `${path.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(/.*)?`;

/** Type of the rule for exactly this path in the list of semanage-fcontext(8). */
export const localType = (list: string, path: string) =>
  list
    .split('\n')
    .filter(line => line.startsWith(`${patternOf(path)} `))
    .map(line => /\s{2}all files\s+(\S+)\s*$/.exec(line)?.[1])
    .map(context => (context === undefined ? undefined : typeOf(context)))
    .find(type => type !== undefined);

// user:role:type:range
const typeOf = (context: string) => context.trim().split(':')[2];

const refuse = ({exitCode: code, missing, stderr}: RunResult, path: string) => {
  // A shell's number for a program that is not there comes from chroot(8) too.
  if (missing || code === 127) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.tools, {path}),
      remedy: texts.toolsRemedy,
    });
  }

  if (code !== 0) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.refused, {path}),
      cause: fill(texts.said, {stderr: stderr.trim().split('\n').at(-1) ?? ''}),
      remedy: texts.refusedRemedy,
    });
  }
};

const texts = {
  tools: {
    en: 'SELinux is on, and its label for {path} cannot be set: semanage or matchpathcon is not here.',
    ja: 'SELinux が有効ですが、semanage か matchpathcon がないため {path} のラベルを設定できません。',
  },
  toolsRemedy: {
    en: 'Install policycoreutils-python-utils and libselinux-utils (Debian: selinux-utils), and try again.',
    ja: 'policycoreutils-python-utils と libselinux-utils (Debian では selinux-utils) を入れて再実行してください。',
  },
  refused: {
    en: 'SELinux’s policy did not take the label of {path}.',
    ja: 'SELinux のポリシーが {path} のラベルを受け付けませんでした。',
  },
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  refusedRemedy: {
    en: 'Look at “semanage fcontext --list --locallist”, or keep mail where the policy expects it.',
    ja: '「semanage fcontext --list --locallist」を確認するか、ポリシーが想定する場所にメールを置いてください。',
  },
} satisfies Record<string, Text>;
