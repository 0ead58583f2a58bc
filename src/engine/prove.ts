import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Probe, ProbeAccount} from '../core/probe.js';
import type {AllAnswers} from '../core/question.js';
import {postfixLogOf} from '../platforms/index.js';
import {runProbes} from '../probes/index.js';
import {fill, type Text} from '../core/text.js';
import {play} from '../probes/dialogue.js';
import {withOutside} from '../probes/outside.js';
import type {ProbeContext} from '../probes/types.js';
import type {Program, System} from '../system/types.js';
import {listTransactions} from '../transaction/store.js';
import {probeAccountOf} from '../../steps/lib/people.js';

export type ProofRequest = {
  readonly system: System;
  readonly facts: Facts;
  readonly open: ProbeContext['open'];
  readonly account?: ProbeAccount;
  readonly since: string;
  /** How this program is started again inside a namespace. */
  readonly player: Program;
  readonly onFinding: (finding: Finding) => void;
  /** Stages of the plan that is being proved, where there is one: mail may be held back. */
  readonly applied?: Plan['stages'];
};

/** Proves what was set up by using it, from where users and strangers are. */
export const prove = async (
  probes: readonly Probe[],
  {system, facts, open, account, since, player, onFinding, applied}: ProofRequest,
): Promise<readonly Finding[]> => {
  if (system.ground === 'directory') {
    const skipped = probes.map(({id, section}) => ({
      id,
      section,
      severity: 'unchecked' as const,
      summary: fill(texts.tree, {id}),
      remedy: texts.treeRemedy,
    }));
    skipped.forEach(onFinding);
    return skipped;
  }

  return withOutside(system, facts, player, outside =>
    runProbes(
      probes,
      {
        host: system,
        facts,
        address: facts.host.addresses.find(address => address.includes('.')) ?? '127.0.0.1',
        open,
        since,
        postfixUnit: postfixLogOf(facts),
        holding: applied?.some(({name}) => name === 'hold') === true,
        play,
        outside,
        applying: applied !== undefined,
      },
      account,
      onFinding,
    ),
  );
};

/**
 * How the server answers before it is changed, where nobody proved it yet: what failed then is not the fault of the change, and
 * no reason to take it back. Empty where the last transaction was proved, or nothing is configured.
 */
export const baselineOf = async (request: ProofRequest & {readonly probes: readonly Probe[]}) => {
  const {system, facts, probes} = request;
  const proved = listTransactions(system.files).find(
    ({state, plan}) => state === 'committed' && plan.accounts === undefined,
  );
  const isKnown = proved?.entries.some(
    entry => entry.t === 'event' && entry.event.type === 'finished' && entry.event.outcome === 'committed',
  );
  return isKnown === true || !(facts.configured.dovecot || facts.configured.postfix)
    ? []
    : prove(probes, request);
};

/** Judges a finding: what failed before as well is said, and does not count. */
export const against = (before: readonly Finding[]) => {
  const failed = new Set(before.filter(({severity}) => severity === 'fail').map(({id}) => id));
  return (finding: Finding): Finding =>
    finding.severity === 'fail' && failed.has(finding.id)
      ? {...finding, severity: 'warning', cause: texts.before}
      : finding;
};

/** The first account whose password the answers have. */
export const accountOf = (answers: AllAnswers): ProbeAccount | undefined => probeAccountOf(answers).account;

const texts = {
  tree: {
    en: '{id}: a tree does not run, so this was skipped.',
    ja: '{id}: ツリーは動作していないため省略しました。',
  },
  treeRemedy: {
    en: 'Run “dovetail check” on the machine that is started from it.',
    ja: 'このツリーから起動したマシンで「dovetail check」を実行してください。',
  },
  before: {
    en: 'It was so before this change too.',
    ja: 'この変更の前から同じ状態です。',
  },
} satisfies Record<string, Text>;
