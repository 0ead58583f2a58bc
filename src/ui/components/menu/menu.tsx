import {Box} from 'ink';
import {useState} from 'react';
import {useRoom, useUi} from '../../context.js';
import {useKeys} from '../../use-keys.js';
import {useFit} from '../../use-fit.js';
import {Words} from '../words/index.js';
import {firstChoice, type MenuOption, nextChoice, windowAround} from './state.js';

type Props<V> = {
  readonly options: readonly MenuOption<V>[];
  /** Line to start on. @default 0 */
  readonly initial?: number;
  /** Rows at most; the window follows the cursor. */
  readonly rows: number;
  readonly onChoose: (value: V) => void;
  /** What is said in two rows below the list about the line under the cursor. */
  readonly about?: (value: V) => string;
  /** The Delete key on a line. */
  readonly onRemove?: (value: V) => void;
};

/** A list to choose from with arrow keys; the pointer marks the line, colour only repeats it. */
export const Menu = <V,>({options, initial = 0, rows, onChoose, about, onRemove}: Props<V>) => {
  const {t} = useUi();
  const {columns} = useRoom();
  const {cut} = useFit();
  const [focus, setFocus] = useState(() => firstChoice(options, initial));
  const at = Math.min(focus, Math.max(0, options.length - 1));
  const chosen = options[at];
  useKeys((input, key) => {
    if (key.upArrow || key.downArrow) {
      setFocus(before => nextChoice(options, Math.min(before, options.length - 1), key.upArrow ? -1 : 1));
    } else if (key.home || key.end) {
      setFocus(firstChoice(options, key.home ? 0 : options.length - 1));
    } else if (key.return && chosen !== undefined && chosen.unavailable === undefined) {
      onChoose(chosen.value);
    } else if ((key.delete || key.backspace) && chosen !== undefined) {
      onRemove?.(chosen.value);
    } else if (/^[1-9]$/.test(input) && options.length < 10) {
      setFocus(before =>
        options[Number(input) - 1]?.unavailable === undefined && Number(input) <= options.length
          ? Number(input) - 1
          : before,
      );
    }
  });

  const {from, to} = windowAround(at, options.length, about === undefined ? rows : rows - 3);
  return (
    <Box flexDirection="column">
      {options.slice(from, to).map(({label, hint, unavailable}, index) => {
        const focused = from + index === at;
        const why = unavailable === undefined ? (hint ?? '') : t('unavailable', {reason: unavailable});
        const room = columns - 4;
        const shown = cut(why === '' ? label : `${label}  ${why}`, room);
        return (
          // The place in the list is what a line is here; lines have no other identity.
          <Words
            key={`${from + index}`}
            look={unavailable === undefined ? (focused ? 'accent' : 'plain') : 'quiet'}
            wrap="truncate-end"
          >
            {`${focused ? '❯' : ' '} ${shown}`}
          </Words>
        );
      })}
      {about === undefined || chosen === undefined ? undefined : (
        <>
          <Words> </Words>
          <Box height={2} overflow="hidden">
            <Words look="quiet">{`${t('of', {n: at + 1, m: options.length})}  ${about(chosen.value)}`}</Words>
          </Box>
        </>
      )}
    </Box>
  );
};
