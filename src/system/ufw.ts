import type {FirewallItem} from '../core/change.js';
import type {Firewall, ReadFiles, Run} from './types.js';

/** One rule of ufw's own files, IPv4 or IPv6. `ports`: `any`, a number, a range `990:999` or several with commas. */
export type UfwRule = {
  /** `allow`, `limit`, `deny` or `reject`. */
  readonly action: string;
  readonly protocol: string;
  readonly ports: string;
  readonly source: string;
  /** Whether it is about what comes in, from whatever interface. */
  readonly incoming: boolean;
  readonly comment: string;
  /** Whether it was made by the name of an application, and not by numbers. */
  readonly named: boolean;
};

/** Files that ufw keeps the rules of people in; those of IPv6 count where /etc/default/ufw says so. */
export const ufwFiles = ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'] as const;

/** Says whose a rule is, in `ufw status` too. */
export const ufwComment = 'dovetail';

/** ufw's rules from the text of such a file: a line `### tuple ### allow tcp 993 0.0.0.0/0 any 0.0.0.0/0 in comment=hex` for each. */
export const ufwRules = (text: string): readonly UfwRule[] =>
  text.split('\n').flatMap(line => {
    const [, words = ''] = /^### tuple ### (.+)$/.exec(line) ?? [];
    const [action = '', protocol = '', ports = '', destination = '', from = '', source = '', ...rest] =
      words.split(' ');
    const comment = rest.find(word => word.startsWith('comment='))?.slice(8) ?? '';
    const plain = rest.filter(word => !word.startsWith('comment='));
    const side = plain.at(-1);
    const anywhere = destination === '0.0.0.0/0' || destination === '::/0';
    return words === '' || action.startsWith('route:')
      ? []
      : [
          {
            action: action.replace(/_log.*$/, ''),
            protocol,
            ports,
            source,
            incoming: side === 'in' && anywhere && from === 'any',
            comment: Buffer.from(comment, 'hex').toString('utf8'),
            named: plain.length > 1,
          },
        ];
  });

/** Whether ufw has rules for IPv6 as well. */
export const ufwHasSix = (files: ReadFiles) =>
  !/^\s*IPV6\s*=\s*"?no\b/im.test(files.read('/etc/default/ufw', {follow: true})?.toString('latin1') ?? '');

/** Rules by file, as the machine has them. */
export const ufwRulesThere = (files: ReadFiles): readonly (readonly UfwRule[])[] =>
  ufwFiles
    .slice(0, ufwHasSix(files) ? 2 : 1)
    .map(path => ufwRules(files.read(path)?.toString('latin1') ?? ''));

/** Whether a rule of ufw's is exactly an item, whoever made it. */
export const isItem = (rule: UfwRule, item: FirewallItem) =>
  rule.incoming &&
  rule.action === 'allow' &&
  !rule.named &&
  item.type !== 'service' &&
  rule.protocol === item.protocol &&
  rule.ports === String(item.port) &&
  (item.type === 'rich'
    ? sameSource(rule.source, item.source)
    : /^(?:0\.0\.0\.0\/0|::\/0)$/.test(rule.source));

/**
 * ufw, by exact rules (ufw(8)). It writes its file and the kernel's rules at once; whether the kernel has a rule is asked of the
 * kernel. `comment`: the rule's own where one of others comes back.
 */
export const ufw = (run: Run, files: ReadFiles): Omit<Firewall, 'simulated'> => {
  const familiesOf = (item: FirewallItem): readonly (4 | 6)[] =>
    item.type === 'rich' ? [item.family === 'ipv6' ? 6 : 4] : ufwHasSix(files) ? [4, 6] : [4];
  const inFile = (item: FirewallItem, family: 4 | 6) =>
    ufwRules(files.read(ufwFiles[family === 4 ? 0 : 1])?.toString('latin1') ?? '').some(rule =>
      isItem(rule, item),
    );
  const inKernel = async (item: Exclude<FirewallItem, {type: 'service'}>, family: 4 | 6) => {
    const chain = family === 4 ? 'ufw-user-input' : 'ufw6-user-input';
    const from = item.type === 'rich' ? ['-s', item.source] : [];
    const args = [
      '-w',
      '-C',
      chain,
      ...from,
      '-p',
      item.protocol,
      '--dport',
      String(item.port),
      '-j',
      'ACCEPT',
    ];
    return (await run(family === 4 ? '/usr/sbin/iptables' : '/usr/sbin/ip6tables', args)).exitCode === 0;
  };
  return {
    has: async (_place, item) => {
      if (item.type === 'service') {
        return {permanent: false, runtime: false};
      }

      const families = familiesOf(item);
      const kernel = await Promise.all(families.map(family => inKernel(item, family)));
      return {permanent: families.every(family => inFile(item, family)), runtime: kernel.every(Boolean)};
    },
    set: async (_place, item, where, state, comment = ufwComment) => {
      // Both sides are one act: the kernel's is made with the file's.
      const has = familiesOf(item).some(family => inFile(item, family));
      if (item.type === 'service' || where === 'runtime' || (state === 'absent' && !has)) {
        return;
      }

      const what =
        item.type === 'rich'
          ? ['proto', item.protocol, 'from', item.source, 'to', 'any', 'port', String(item.port)]
          : [`${item.port}/${item.protocol}`];
      const args =
        state === 'present'
          ? ['allow', ...what, ...(comment === '' ? [] : ['comment', comment])]
          : ['delete', 'allow', ...what];
      const {exitCode, stderr} = await run('/usr/sbin/ufw', args, {timeout: 120_000});
      if (exitCode !== 0) {
        throw new Error(`ufw ${args.join(' ')}: ${stderr.trim()}`);
      }
    },
  };
};

// ufw keeps a host without its prefix.
const sameSource = (one: string, other: string) => bare(one) === bare(other);
const bare = (source: string) => source.toLowerCase().replace(/\/(?:32|128)$/, '');
