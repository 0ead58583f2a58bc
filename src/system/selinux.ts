import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {Host, RunOptions} from './types.js';

/** What the policy says of a path: the rule of this machine's own for exactly it, and the type that it ends up with. */
export type LabelRule = {readonly local: string | null; readonly effective: string | null};

/** Whether the kernel that runs here labels files: in a tree or a view it does not, nor with SELinux off. */
export const isLabelling = ({ground, files}: Host) =>
  ground === 'machine' && files.lstat('/sys/fs/selinux/enforce') !== undefined;

/** Asks the machine's own policy (semanage-fcontext(8), matchpathcon(8)). Throws a ProblemError where it cannot be asked. */
export const labelRule = async (host: Host, path: string): Promise<LabelRule> => {
  const rules = await policyTool(
    host,
    'semanage',
    ['fcontext', '--list', '--locallist', '--noheading'],
    path,
  );
  const expected = await policyTool(host, 'matchpathcon', ['-n', path], path);
  return {local: localType(rules, path) ?? null, effective: typeOf(expected) ?? null};
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
    await policyTool(host, 'semanage', args, path, {onLine: say});
  }

  if (isLabelling(host) && host.files.lstat(path) !== undefined) {
    // As many files as a mail store has: no time limit.
    await policyTool(host, 'restorecon', ['-R', path], path, {timeout: 0, onLine: say});
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

/** What a tool of the policy says, asked or told about a path, a port or a boolean. Throws a ProblemError where it refuses. */
export const policyTool = async (
  host: Host,
  tool: keyof typeof tools,
  args: readonly string[],
  what: string,
  options: RunOptions = {},
): Promise<string> => {
  // Some of them read all of a policy, which takes its time on a small machine.
  const {
    exitCode: code,
    missing,
    stdout,
    stderr,
    timedOut,
  } = await host.run(tools[tool], args, {
    timeout: 300_000,
    ...options,
  });
  // A shell's number for a program that is not there comes from chroot(8) too.
  if (missing || code === 127) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.tools, {what, tool}),
      remedy: texts.toolsRemedy,
    });
  }

  if (code !== 0) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.refused, {what}),
      cause: timedOut
        ? fill(texts.late, {tool})
        : fill(texts.said, {stderr: visibleLine(stderr.trim().split('\n').at(-1) ?? '')}),
      remedy: texts.refusedRemedy,
    });
  }

  return stdout;
};

const tools = {
  semanage: '/usr/sbin/semanage',
  matchpathcon: '/usr/sbin/matchpathcon',
  restorecon: '/usr/sbin/restorecon',
  setsebool: '/usr/sbin/setsebool',
  python3: '/usr/bin/python3',
} as const;

const texts = {
  tools: {
    en: 'SELinux is on, and its policy cannot be asked or changed for {what}: {tool} is not here.',
    ja: 'SELinux が有効ですが、{tool} がないため {what} についてポリシーを確認・変更できません。',
  },
  toolsRemedy: {
    en: 'Install policycoreutils-python-utils and libselinux-utils (Debian: selinux-utils), and try again.',
    ja: 'policycoreutils-python-utils と libselinux-utils (Debian では selinux-utils) を入れて再実行してください。',
  },
  refused: {
    en: 'SELinux’s policy did not take what is asked for {what}.',
    ja: 'SELinux のポリシーが {what} についての変更を受け付けませんでした。',
  },
  late: {en: '{tool} did not answer in five minutes.', ja: '{tool} が 5 分以内に応答しませんでした。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  refusedRemedy: {
    en: 'Look at “semanage export”: a rule of somebody else may stand against it.',
    ja: '「semanage export」で、競合する規則がないか確認してください。',
  },
} satisfies Record<string, Text>;
