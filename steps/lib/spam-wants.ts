import type {Facts} from '../../src/core/facts.js';
import type {Answers, Questions} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {type Access, accessRule, accessWants, isAccess, lookups, parseAccess} from './access.js';
import {checkWants} from './checks.js';
import {blockListRule} from './dnsbl.js';
import {main, settingOf} from './postfix.js';
import {
  isThere,
  listWants,
  nameIn,
  oldNamesThere,
  type Rule,
  type RuleList,
  rules,
  rulesThere,
} from './restrictions.js';
import {knowsNormalize} from './smtp-checks.js';

/** What the section was answered. */
export type SpamAnswers = {
  readonly client?: readonly (keyof typeof rules.client)[];
  readonly helo?: readonly (keyof typeof rules.helo)[];
  readonly sender?: readonly (keyof typeof rules.sender)[];
  readonly recipient?: readonly (keyof typeof rules.recipient)[];
  readonly rbls?: readonly string[];
  readonly access?: readonly string[];
  readonly conduct?: readonly ('pipelining' | 'line-ends')[];
  readonly headers?: readonly string[];
  readonly bodies?: readonly string[];
  readonly present_names?: boolean;
} & Answers<Questions>;

/** Block lists that the list of clients asks, as items of the question. */
export const blockListsThere = (facts: Facts): readonly string[] =>
  rulesThere(facts, 'smtpd_client_restrictions').flatMap(rule => {
    const [name, zone] = rule.split(' ');
    return name === 'reject_rbl_client' && zone !== undefined ? [zone] : [];
  });

/** The choices of a question whose rules the machine has. */
export const chosenThere = <G extends keyof typeof rules>(facts: Facts, group: G) =>
  (Object.entries(rules[group]) as unknown as readonly (readonly [keyof (typeof rules)[G], Rule])[]).flatMap(
    ([choice, rule]) => (isThere(facts, rule) ? [choice] : []),
  );

/** What of the protocol Postfix insists on, as it is now or is by default in this version. */
export const conductThere = (facts: Facts): readonly ('pipelining' | 'line-ends')[] => {
  const value = (name: string) => settingOf(facts, name) ?? facts.postfix?.defaults[name];
  const newline = value('smtpd_forbid_bare_newline');
  return [
    ...(value('smtpd_forbid_unauth_pipelining') === 'yes' ||
    rulesThere(facts, 'smtpd_data_restrictions').includes('reject_unauth_pipelining')
      ? (['pipelining'] as const)
      : []),
    ...(newline !== undefined && newline !== 'no' ? (['line-ends'] as const) : []),
  ];
};

/** What a list is made of: exceptions first, then the rules, block lists last. */
export const spamWants = (answers: SpamAnswers, facts: Facts): readonly Want[] => {
  const {access = [], rbls = [], headers = [], bodies = []} = answers;
  const excepted = new Set(
    access
      .map(parseAccess)
      .filter((parsed): parsed is Access => isAccess(parsed))
      .map(({lookup}) => lookup),
  );
  return [
    ...accessWants(access, facts),
    ...lookups.flatMap(lookup => {
      const list: RuleList = `smtpd_${lookup}_restrictions`;
      const group = Object.entries(rules[lookup]) as readonly (readonly [string, Rule])[];
      const chosen: readonly string[] = answers[lookup] ?? [];
      const names = (on: boolean) =>
        group
          .filter(([choice]) => chosen.includes(choice) === on)
          .map(([, rule]) => nameOf(answers, facts, rule, on));
      const exception = accessRule(facts, lookup);
      const lists = lookup === 'client' ? rbls.map(item => ruleOf(facts, item)) : [];
      const present = names(true);
      const listed = lookup === 'client' ? blockListsThere(facts) : [];
      return listWants(facts, list, {
        wanted: [...(excepted.has(lookup) ? [exception] : []), ...present, ...lists],
        unwanted: [
          ...(excepted.has(lookup) ? [] : [exception]),
          ...names(false),
          ...listed.filter(item => !rbls.includes(item)).map(item => `reject_rbl_client ${item}`),
        ],
        renamed: new Map(
          oldNamesThere(facts).flatMap(({list: of, name, old}) =>
            of === list && present.includes(name) ? [[name, old] as const] : [],
          ),
        ),
      });
    }),
    ...conductWants(answers.conduct ?? [], facts),
    ...checkWants(headers, 'header', facts),
    ...checkWants(bodies, 'body', facts),
  ];
};

// A list that is asked already stays as it is written.
const ruleOf = (facts: Facts, item: string) =>
  blockListsThere(facts).includes(item) ? `reject_rbl_client ${item}` : blockListRule(item);

// A rule that the machine has under its old name keeps it, unless the present one is asked for.
const nameOf = ({present_names: present}: SpamAnswers, facts: Facts, rule: Rule, on: boolean) =>
  on && present === true ? rule.name : nameIn(facts, rule);

// A setting that this version does not know is not written; what it does by itself neither.
const conductWants = (conduct: readonly string[], facts: Facts): readonly Want[] => {
  const lineEnds = settingOf(facts, 'smtpd_forbid_bare_newline');
  const byItself = facts.postfix?.defaults['smtpd_forbid_bare_newline'];
  return [
    ...pipeliningWants(conduct.includes('pipelining'), facts),
    ...(byItself === undefined
      ? []
      : conduct.includes('line-ends')
        ? (lineEnds ?? byItself) === 'no'
          ? [main('smtpd_forbid_bare_newline', knowsNormalize(facts) ? 'normalize' : 'yes')]
          : lineEnds === undefined
            ? []
            : [main('smtpd_forbid_bare_newline', lineEnds)]
        : (lineEnds ?? byItself) === 'no'
          ? []
          : [main('smtpd_forbid_bare_newline', 'no')]),
  ];
};

// Since 3.9, and updates of older branches, Postfix has a setting for it; before, a rule.
const pipeliningWants = (on: boolean, facts: Facts): readonly Want[] => {
  const rule = 'reject_unauth_pipelining';
  const list = 'smtpd_data_restrictions';
  const isRule = rulesThere(facts, list).includes(rule);
  const byItself = facts.postfix?.defaults['smtpd_forbid_unauth_pipelining'];
  const value = settingOf(facts, 'smtpd_forbid_unauth_pipelining');
  if (byItself === undefined || isRule) {
    return listWants(facts, list, on ? {wanted: [rule], unwanted: []} : {wanted: [], unwanted: [rule]});
  }

  const isOn = (value ?? byItself) === 'yes';
  return on === isOn && value === undefined
    ? []
    : [main('smtpd_forbid_unauth_pipelining', on ? 'yes' : 'no')];
};
