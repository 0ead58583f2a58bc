import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, LiveCheck, Question} from '../core/question.js';
import type {Step} from '../core/step.js';
import type {System} from '../system/types.js';
import {liveCheck} from './live-check.js';
import type {Vault} from './vault.js';

type Asked = {
  readonly system: System;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly platform: Platform;
  readonly vault: Vault;
};

/**
 * What is wrong with the other hosts that the answers name: a relay that does not answer or does not take the login, a Dovecot
 * that mail cannot be handed to. Told before anything is written; those that a server has been working with (`base`) are not
 * asked again.
 */
export const namedHosts = async (
  asked: Asked,
  base: AllAnswers,
  answers: AllAnswers,
): Promise<readonly Finding[]> => {
  const {system, steps, facts, platform} = asked;
  if (system.ground !== 'machine') {
    return [];
  }

  const context = {facts, platform, answers};
  const checks = steps
    .filter(step => step.applies?.(facts, answers) ?? true)
    .filter(step => isChanged(step, base[step.id], answers[step.id]))
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        const value = answers[step.id]?.[id];
        const asks = value !== undefined && (question.when?.(context) ?? true);
        const check = asks ? question.live?.(value as never, context) : undefined;
        return check === undefined || !kinds.includes(check.kind) ? [] : [check];
      }),
    );
  const needed = checks.filter(
    (check, at) =>
      (check.kind !== 'smtp-reachable' || !checks.some(({kind}) => kind === 'smtp-login')) &&
      // Each test of a database or a directory begins with those before it: the last says all.
      ((check.kind !== 'sql' && check.kind !== 'ldap') ||
        !checks.slice(at + 1).some(later => placeOf(later) === placeOf(check))),
  );
  const findings = await Promise.all(needed.map(check => liveCheck(check, asked)));
  return findings.flat().filter(({severity}) => severity !== 'pass');
};

const kinds: readonly LiveCheck['kind'][] = [
  'smtp-reachable',
  'smtp-login',
  'lmtp-reachable',
  'sasl-reachable',
  'sql',
  'ldap',
];

const placeOf = (check: LiveCheck) => `${check.kind} ${'section' in check ? check.section : ''}`;

// Who proves a directory, and with which password, does not change it: it is not needed for planning the same again.
const about: Readonly<Record<string, readonly string[]>> = {
  'auth-ldap': ['servers', 'starttls', 'ca', 'base', 'scope', 'bind_dn', 'way', 'template', 'filter'],
  'ldap-lookup': ['use', 'servers', 'starttls', 'ca', 'base', 'bind_dn', 'filter', 'attribute'],
};

const isChanged = (
  {id: section, questions}: Step,
  one: AllAnswers[string] = {},
  other: AllAnswers[string] = {},
) =>
  (about[section] ?? Object.keys(questions)).some(
    id => JSON.stringify(one[id]) !== JSON.stringify(other[id]),
  );
