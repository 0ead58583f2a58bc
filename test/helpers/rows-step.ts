import {rows} from '../../src/core/question.js';
import {defineStep, type Step} from '../../src/core/step.js';
import {literal} from '../../src/core/text.js';
import {debian12Facts, debian12Platform} from './facts.js';

const step = defineStep({
  id: 'rules',
  title: literal('Rules'),
  why: literal('rules'),
  needs: [],
  owns: [],
  questions: {
    lines: rows({
      ask: literal('Which lines?'),
      help: literal('A line each.'),
      why: literal('They count.'),
      level: 'basic',
      initial: () => ['/one, two/ REJECT'],
      validateItem: item => (item.startsWith('/') ? undefined : literal('A slash comes first.')),
      attempt: items => ({kind: 'patterns', part: 'header', type: 'regexp', rules: items}),
    }),
  },
  adopt: () => ({}),
  plan: () => [],
  probes: () => [],
});

/** A scene with one question, which is a table of lines. */
export const rowsScene = {
  facts: debian12Facts(),
  platform: debian12Platform,
  steps: [step as unknown as Step],
  adopted: {},
};
