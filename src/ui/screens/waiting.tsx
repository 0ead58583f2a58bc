import {Box} from 'ink';
import {visibleLine} from '../../core/text.js';
import {Frame} from '../components/frame/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';

/** Detection and planning: what is being done, and the last lines that it said. */
export const WaitingScreen = ({
  title,
  hint,
  lines,
  back,
}: {
  readonly title: string;
  readonly hint: string;
  readonly lines: readonly string[];
  /** Whether Esc goes back. */
  readonly back: boolean;
}) => {
  const {t} = useUi();
  return (
    <Frame title={title} keys={[...(back ? [t('key_back')] : []), t('key_quit')]}>
      <Body hint={hint} lines={lines} />
    </Frame>
  );
};

const Body = ({hint, lines}: {readonly hint: string; readonly lines: readonly string[]}) => {
  const {rows} = useRoom();
  return (
    <Box flexDirection="column">
      <Words>{hint}</Words>
      <Words> </Words>
      {lines.slice(-Math.max(1, rows - 4)).map((line, index) => (
        <Words key={`${index}`} look="quiet" wrap="truncate-end">
          {`  ${visibleLine(line)}`}
        </Words>
      ))}
    </Box>
  );
};
