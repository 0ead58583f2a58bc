import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, LiveCheck, Question} from '../core/question.js';
import {isChosen, type Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import type {System} from '../system/types.js';
import {liveCheck} from './live-check.js';
import type {Vault} from './vault.js';

type Asked = {
  readonly system: System;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly platform: Platform;
  readonly scope: Scope;
  readonly vault: Vault;
  /** Whether all this was tested while asking, and perhaps overruled. */
  readonly checked?: boolean;
};

/**
 * What is wrong with what the answers name: certificate and key, another host that does not answer or does not take the login,
 * block lists, patterns. Told before anything is written; what a server has been working with (`base`) is its own business.
 */
export const namedFindings = async (
  asked: Asked,
  base: AllAnswers,
  answers: AllAnswers,
): Promise<readonly Finding[]> => {
  const {steps, facts, platform} = asked;
  const context = {facts, platform, answers};
  const checks = steps
    .filter(step => step.applies?.(facts, answers) ?? true)
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        const value = answers[step.id]?.[id];
        const asks = value !== undefined && (question.when?.(context) ?? true);
        const check = asks ? question.live?.(value as never, context) : undefined;
        return check !== undefined && isDue(check, step, asked, base, answers) ? [check] : [];
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

const isDue = (
  {kind}: LiveCheck,
  step: Step,
  {system, scope, checked = false}: Asked,
  base: AllAnswers,
  answers: AllAnswers,
): boolean => {
  switch (kind) {
    // Whoever answers, and whoever overrules: a list that does not pass its test may stop all mail.
    case 'block-lists':
      return isChosen(scope, step.id);
    case 'patterns':
      return !checked && isChosen(scope, step.id);
    case 'certificate-pair':
      return !checked && isChanged(step, base, answers);
    case 'alias-file':
    case 'resolves':
      return false;
    default:
      return !checked && system.ground === 'machine' && isChanged(step, base, answers);
  }
};

const placeOf = (check: LiveCheck) => `${check.kind} ${'section' in check ? check.section : ''}`;

// Who proves a directory or a login, and with which password, does not change it: it is not needed for planning the same again.
const about: Readonly<Record<string, readonly string[]>> = {
  tls: ['source', 'certificate', 'key', 'lineage', 'names', 'server', 'challenge', 'webroot'],
  'auth-ldap': ['servers', 'starttls', 'ca', 'base', 'scope', 'bind_dn', 'way', 'template', 'filter'],
  submission: ['login', 'login_host', 'login_port'],
  'ldap-lookup': ['use', 'servers', 'starttls', 'ca', 'base', 'bind_dn', 'filter', 'attribute'],
};

const isChanged = ({id: section, questions}: Step, base: AllAnswers, answers: AllAnswers) =>
  (about[section] ?? Object.keys(questions)).some(
    id => JSON.stringify(base[section]?.[id]) !== JSON.stringify(answers[section]?.[id]),
  );
