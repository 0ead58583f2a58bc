import {Text} from 'ink';
import {useUi} from '../../context.js';
import {toAscii} from '../../text/ascii.js';

export type Look = 'plain' | 'quiet' | 'strong' | 'good' | 'bad' | 'careful' | 'accent';

type Props = {
  readonly children: string;
  /** @default 'plain' */
  readonly look?: Look;
  /** @default 'wrap' */
  readonly wrap?: 'wrap' | 'truncate-end';
};

/** Text as this terminal can show it. Colour only repeats what words and symbols say. */
export const Words = ({children, look = 'plain', wrap = 'wrap'}: Props) => {
  const {color, unicode} = useUi();
  return (
    <Text {...(color ? colored : bare)[look]} wrap={wrap}>
      {unicode ? children : toAscii(children)}
    </Text>
  );
};

const colored = {
  plain: {},
  quiet: {dimColor: true},
  strong: {bold: true},
  good: {color: 'green'},
  bad: {color: 'red'},
  careful: {color: 'yellow'},
  accent: {color: 'cyan'},
} as const;

const bare = {plain: {}, quiet: {}, strong: {}, good: {}, bad: {}, careful: {}, accent: {}} as const;
