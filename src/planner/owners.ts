import type {Finding} from '../core/finding.js';
import type {Step} from '../core/step.js';
import {fill, type Text} from '../core/text.js';
import {identityOf, takesAway} from './identity.js';
import type {OwnedWant} from './wants.js';

/** Contradictions between sections, and sections that take away what is not theirs. Empty: the wants go together. */
export const contradictions = (wants: readonly OwnedWant[], steps: readonly Step[]): readonly Finding[] => [
  ...disagreements(wants),
  ...trespasses(wants, steps),
];

const disagreements = (wants: readonly OwnedWant[]) => {
  const first = new Map<string, OwnedWant>();
  const findings: Finding[] = [];
  for (const owned of wants) {
    // Rows name their own keys; several sections may write rows of one file.
    if (owned.want.kind === 'rows') {
      continue;
    }

    const identity = identityOf(owned.want);
    const earlier = first.get(identity);
    if (earlier === undefined) {
      first.set(identity, owned);
    } else if (!sameWant(earlier, owned)) {
      findings.push(contradiction(identity, earlier.section, owned.section));
    }
  }

  return findings;
};

const trespasses = (wants: readonly OwnedWant[], steps: readonly Step[]) =>
  wants
    .filter(({section, want}) => takesAway(want) && !owns(steps, section, identityOf(want)))
    .map(({section, want}) => trespass(identityOf(want), section, ownerOf(steps, identityOf(want))));

/** The section that owns a thing; undefined where nobody says so. */
export const ownerOf = (steps: readonly Step[], identity: string) =>
  steps.find(step => step.owns.some(pattern => covers(pattern, identity)))?.id;

const owns = (steps: readonly Step[], section: string, identity: string) =>
  steps.some(step => step.id === section && step.owns.some(pattern => covers(pattern, identity)));

// An owner of `protocols` owns each of its items too: identities of items go on after a blank.
const covers = (pattern: string, identity: string) =>
  pattern.endsWith('*')
    ? identity.startsWith(pattern.slice(0, -1))
    : identity === pattern || identity.startsWith(`${pattern} `);

const sameWant = (one: OwnedWant, other: OwnedWant) =>
  JSON.stringify(one.want) === JSON.stringify(other.want);

const contradiction = (what: string, one: string, other: string): Finding => ({
  id: `contradiction:${what}`,
  section: other,
  severity: 'fail',
  summary: fill(texts.contradiction, {what, one, other}),
  remedy: fill(texts.contradictionRemedy, {one, other}),
});

const trespass = (what: string, section: string, owner: string | undefined): Finding => ({
  id: `owner:${what}`,
  section,
  severity: 'fail',
  summary: fill(texts.trespass, {what, section, owner: owner ?? '—'}),
  remedy: fill(texts.contradictionRemedy, {one: section, other: owner ?? section}),
});

const texts = {
  contradiction: {
    en: 'The sections {one} and {other} want different things of {what}.',
    ja: 'セクション {one} と {other} が {what} に異なる値を求めています。',
  },
  contradictionRemedy: {
    en: 'Change the answers of {one} or of {other} so that they agree.',
    ja: '{one} または {other} の回答を変更して一致させてください。',
  },
  trespass: {
    en: 'The section {section} would take away {what}, which belongs to {owner}.',
    ja: 'セクション {section} が、{owner} の管理する {what} を取り除こうとしています。',
  },
} satisfies Record<string, Text>;
