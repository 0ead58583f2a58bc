import type {Case} from './parsers.js';

// 2.3: one line; 2.4: a block, and what its protocols are without one.
/** Protocols that are on, of what doveconf(1) shows. */
export const protocolsOf = (is24: boolean, lines: readonly string[]): readonly string[] => {
  if (!is24) {
    const line = lines.find(one => /^protocols =/.test(one)) ?? 'protocols = imap pop3 lmtp';
    return line
      .replace(/^protocols =/, '')
      .trim()
      .replaceAll('"', '')
      .split(/\s+/);
  }

  const line = lines.find(one => /^protocols =/.test(one));
  if (line !== undefined) {
    return line
      .replace(/^protocols =/, '')
      .trim()
      .split(/\s+/);
  }

  const start = lines.findIndex(one => /^protocols \{/.test(one));
  const block = start < 0 ? [] : lines.slice(start + 1, lines.indexOf('}', start));
  const state = Object.fromEntries(block.map(one => one.trim().split(' = ') as [string, string]));
  return start < 0 ? ['imap', 'pop3', 'lmtp'] : Object.keys(state).filter(name => state[name] === 'yes');
};

/** That two lists of words are not the same, in words. */
export const differs = (what: string, wanted: readonly string[], are: readonly string[]) =>
  wanted.toSorted().join(' ') === are.toSorted().join(' ')
    ? []
    : [`${what}: ${are.join(' ')} and not ${wanted.join(' ')}`];

/** Blocks of a name at the left edge, each as its head and its lines. */
const blocksOf = (lines: readonly string[], head: RegExp): readonly (readonly string[])[] =>
  lines.flatMap((line, at) =>
    head.test(line) ? [lines.slice(at, lines.findIndex((end, place) => place > at && end === '}') + 1)] : [],
  );

// 2.3 names the driver inside, 2.4 by the block unless it says otherwise. What denies is a gate, no place of accounts.
export const driversOf = (lines: readonly string[], kind: 'passdb' | 'userdb'): readonly string[] =>
  blocksOf(lines, new RegExp(`^${kind}\\b`)).flatMap(block => {
    const value = (key: string) =>
      block.map(line => new RegExp(`^ {2}${key} = (.*)$`).exec(line)?.[1]).find(Boolean);
    return value('deny') === 'yes' || value('master') === 'yes'
      ? []
      : [value('driver') ?? new RegExp(`^${kind} (\\S+)`).exec(block[0] ?? '')?.[1] ?? '?'];
  });

/** A port of its own for each listener that is not said: Dovecot's default. */
const usual = {imap: 143, imaps: 993, pop3: 110, pop3s: 995} as const;

// Without TLS from the start only where that was asked for; the other one always.
export const listenerProblems = (row: Case, lines: readonly string[]): readonly string[] =>
  (['imap', 'pop3'] as const)
    .filter(protocol => protocol === 'imap' || row.services === 'both')
    .flatMap(protocol => {
      const [block = []] = blocksOf(lines, new RegExp(`^service ${protocol}-login \\{`));
      const portOf = (name: keyof typeof usual) => {
        const at = block.indexOf(`  inet_listener ${name} {`);
        const own = at < 0 ? [] : block.slice(at, block.indexOf('  }', at));
        return Number(own.map(line => /^ {4}port = (\d+)$/.exec(line)?.[1]).find(Boolean) ?? usual[name]);
      };
      const wanted = row.ports === 'tls-only' ? 0 : usual[protocol];
      return [
        ...(portOf(protocol) === wanted ? [] : [`${protocol} listens on ${portOf(protocol)}`]),
        ...(portOf(`${protocol}s`) === usual[`${protocol}s`] ? [] : [`${protocol}s is off`]),
      ];
    });
