import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {isLabelling, policyTool} from './selinux.js';
import type {Host} from './types.js';

/** A switch of the policy: its name here, what this machine itself says of it, what holds after a boot, and what holds now. */
export type BooleanRule = {
  readonly name: string;
  readonly local: boolean | null;
  readonly value: boolean;
  /** Null where the kernel has no SELinux, or in a tree or view. */
  readonly live: boolean | null;
};

/** One switch that is called otherwise in the reference policy (Debian) than in Fedora's and Red Hat's. */
const otherNames: Readonly<Record<string, string>> = {
  nis_enabled: 'allow_ypbind',
  allow_ypbind: 'nis_enabled',
};

/** Asks the machine's own policy (semanage-boolean(8)). Throws a ProblemError where it has no such switch, or cannot be asked. */
export const booleanRule = async (host: Host, asked: string): Promise<BooleanRule> => {
  const list = async (...which: readonly string[]) =>
    valuesOf(await policyTool(host, 'semanage', ['boolean', '--list', ...which, '--noheading'], asked));
  const [all, own] = await Promise.all([list(), list('--locallist')]);
  const name = [asked, otherNames[asked]].find(known => known !== undefined && all.has(known));
  if (name === undefined) {
    throw unknown(asked, [...all.keys()]);
  }

  return {name, local: own.get(name) ?? null, value: all.get(name) === true, live: liveValue(host, name)};
};

/** Sets what this machine itself says of a switch, and what holds now; null: the policy's own word counts again. */
export const setBoolean = async (
  host: Host,
  wish: Pick<BooleanRule, 'name' | 'local' | 'live'>,
  now: BooleanRule,
  say: (line: string) => void,
) => {
  const {name, local} = wish;
  const options = {onLine: say};
  if (local === null && now.local !== null) {
    // semanage(8) can only drop all of them at once.
    const reload = isLabelling(host) ? '1' : '0';
    await policyTool(host, 'python3', ['-I', '-', name, reload], name, {...options, input: forget});
  } else if (local !== null && local !== now.local) {
    const verb = ['--modify', local ? '--on' : '--off'];
    const args = ['boolean', ...(isLabelling(host) ? [] : ['--noreload']), ...verb, name];
    await policyTool(host, 'semanage', args, name, options);
  }

  if (wish.live !== null && liveValue(host, name) !== wish.live) {
    await policyTool(host, 'setsebool', [name, wish.live ? '1' : '0'], name, options);
  }
};

/** Names and lasting values: `nis_enabled   (off  ,  off)  Allow …`, what holds now first. */
export const valuesOf = (list: string): ReadonlyMap<string, boolean> =>
  new Map(
    list.split('\n').flatMap(line => {
      const [, name = '', lasting] = /^(\w+)\s+\(\s*(?:on|off)\s*,\s*(on|off)\s*\)/.exec(line) ?? [];
      return lasting === undefined ? [] : [[name, lasting === 'on'] as const];
    }),
  );

// The kernel's own file of a switch says what holds and what is about to: `1 1`.
const liveValue = (host: Host, name: string) =>
  isLabelling(host)
    ? host.files.read(`/sys/fs/selinux/booleans/${name}`)?.toString('latin1').startsWith('1') === true
    : null;

// libsemanage’s own transaction: what others set stays, and the store is as before or as wished, never between.
const forget = `import sys, semanage
def check(code):
    if code < 0:
        sys.exit(1)
handle = semanage.semanage_handle_create()
check(semanage.semanage_connect(handle))
check(semanage.semanage_begin_transaction(handle))
code, key = semanage.semanage_bool_key_create(handle, sys.argv[1])
check(code)
check(semanage.semanage_bool_del_local(handle, key))
semanage.semanage_set_reload(handle, int(sys.argv[2]))
check(semanage.semanage_commit(handle))
semanage.semanage_disconnect(handle)
`;

const unknown = (name: string, known: readonly string[]) => {
  const stem = name.split('_')[0] ?? name;
  const near = known.filter(other => other.split('_').includes(stem)).slice(0, 5);
  return new ProblemError({
    code: exitCode.badAnswers,
    what: fill(texts.unknown, {name}),
    remedy: near.length === 0 ? texts.list : fill(texts.near, {near: near.join(', ')}),
  });
};

const texts = {
  unknown: {
    en: 'SELinux’s policy on this machine has no boolean {name}.',
    ja: 'このマシンの SELinux ポリシーにブール値 {name} はありません。',
  },
  near: {en: 'It has these: {near}.', ja: '次のものがあります: {near}'},
  list: {
    en: 'See those that it has: “semanage boolean --list”.',
    ja: '「semanage boolean --list」で一覧を確認してください。',
  },
} satisfies Record<string, Text>;
