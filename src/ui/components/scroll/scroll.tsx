import {Box} from 'ink';
import type {ReviewLine, Tone} from '../../../session/review-lines.js';
import {type Look, Words} from '../words/index.js';

type Props = {readonly lines: readonly ReviewLine[]; readonly top: number; readonly rows: number};

/** A window on lines; always `rows` high, so that nothing below it moves. */
export const Scroll = ({lines, top, rows}: Props) => (
  <Box flexDirection="column" height={rows} overflow="hidden">
    {lines.slice(top, top + rows).map(({tone, text}, index) => (
      // A window's rows are places, not things: each keeps its place while text runs through it.
      <Words key={`${index}`} look={looks[tone]} wrap="truncate-end">
        {text === '' ? ' ' : text}
      </Words>
    ))}
  </Box>
);

const looks: Readonly<Record<Tone, Look>> = {
  heading: 'strong',
  change: 'plain',
  added: 'good',
  removed: 'bad',
  hunk: 'accent',
  plain: 'plain',
  quiet: 'quiet',
  warning: 'careful',
  fail: 'bad',
  pass: 'good',
};
