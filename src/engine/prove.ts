import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Probe, ProbeAccount} from '../core/probe.js';
import type {AllAnswers} from '../core/question.js';
import {runProbes} from '../probes/index.js';
import {type Player, withOutside} from '../probes/outside.js';
import type {System} from '../system/types.js';
import type {Vault} from './vault.js';

export type ProofRequest = {
  readonly system: System;
  readonly facts: Facts;
  readonly vault: Vault;
  readonly account?: ProbeAccount;
  readonly since: string;
  readonly player: Player;
  readonly onFinding: (finding: Finding) => void;
  /** Stages of the plan that is being proved, where there is one: mail may be held back. */
  readonly applied?: Plan['stages'];
};

/** Proves what was set up by using it, from where users and strangers are. */
export const prove = (
  probes: readonly Probe[],
  {system, facts, vault, account, since, player, onFinding, applied}: ProofRequest,
) =>
  withOutside(system, facts, player, outside =>
    runProbes(
      probes,
      {
        host: system,
        facts,
        address: facts.host.addresses.find(address => address.includes('.')) ?? '127.0.0.1',
        open: vault.open,
        since,
        holding: applied?.some(({name}) => name === 'hold') === true,
        outside,
      },
      account,
      onFinding,
    ),
  );

/** The first account that was just set; its password is the one of the answers. */
export const accountOf = (answers: AllAnswers): ProbeAccount | undefined => {
  const first = (
    answers['auth-passwdfile']?.['accounts'] as
      | readonly {name: string; password: ProbeAccount['password']}[]
      | undefined
  )?.[0];
  return first === undefined || first.password === 'keep'
    ? undefined
    : {user: first.name, password: first.password};
};
