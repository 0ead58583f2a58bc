import type {ProbeContext, ScriptResult} from './types.js';

/**
 * How a port answered a stranger: it took the connection; it refused it, or a firewall did so in its place; a firewall says
 * nothing while other ports answer (`by`: one of them); or nothing answered there, which says nothing of this port.
 */
export type Reached =
  | {readonly kind: 'open'}
  | {readonly kind: 'closed'}
  | {readonly kind: 'filtered'; readonly by: number}
  | {readonly kind: 'unknown'};

/** Judges what came of a dialogue from outside with a port of an address. */
export const reachedBy = async (
  result: ScriptResult,
  {address, port}: {readonly address: string; readonly port: number},
  {outside, facts}: Pick<ProbeContext, 'outside' | 'facts'>,
): Promise<Reached> => {
  if (result.kind === 'played' || result.connected === true || result.replies.length > 0) {
    return {kind: 'open'};
  }

  if (result.reason !== 'timeout') {
    return {kind: ['connection-refused', 'unreachable'].includes(result.reason) ? 'closed' : 'open'};
  }

  // Silence alone may be a machine with too much to do: only beside a port that does answer it is this port's.
  const others = facts.listeners.flatMap(listener =>
    listener.protocol === 'tcp' && ['*', '0.0.0.0', '::', address].includes(listener.address)
      ? [listener.port]
      : [],
  );
  const tried = [...new Set([...others, ...usual])].filter(other => other !== port).slice(0, 8);
  const answers = await Promise.all(
    tried.map(async other =>
      outside?.play({address, port: other, protocol: 'smtp', tls: 'wrapper', lines: []}),
    ),
  );
  const by = tried.find((_, at) => {
    const answer = answers[at];
    return answer !== undefined && (answer.kind === 'played' || answer.connected === true);
  });
  return by === undefined ? {kind: 'unknown'} : {kind: 'filtered', by};
};

// What listens since this was set up may not be among the facts yet.
const usual = [25, 143, 993, 465, 587, 22];
