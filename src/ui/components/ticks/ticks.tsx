import {Box} from 'ink';
import {useState} from 'react';
import {useRoom, useUi} from '../../context.js';
import {useFit} from '../../use-fit.js';
import {useKeys} from '../../use-keys.js';
import {firstChoice, type MenuOption, nextChoice, windowAround} from '../menu/state.js';
import {Words} from '../words/index.js';

type Props<V> = {
  readonly options: readonly MenuOption<V>[];
  readonly initial: readonly V[];
  readonly rows: number;
  readonly onChange: () => void;
  readonly onSubmit: (values: readonly V[]) => void;
};

/** Several of a list: Space ticks, Enter answers. */
export const Ticks = <V,>({options, initial, rows, onChange, onSubmit}: Props<V>) => {
  const {t} = useUi();
  const {columns} = useRoom();
  const {cut} = useFit();
  const [focus, setFocus] = useState(() => firstChoice(options, 0));
  const [ticked, setTicked] = useState(initial);
  const chosen = options[focus];
  useKeys((input, key) => {
    if (key.upArrow || key.downArrow) {
      setFocus(nextChoice(options, focus, key.upArrow ? -1 : 1));
    } else if (input === ' ' && chosen !== undefined) {
      onChange();
      setTicked(before =>
        before.includes(chosen.value)
          ? before.filter(value => value !== chosen.value)
          : options.map(({value}) => value).filter(value => value === chosen.value || before.includes(value)),
      );
    } else if (key.return) {
      onSubmit(ticked);
    }
  });

  const {from, to} = windowAround(focus, options.length, rows);
  return (
    <Box flexDirection="column">
      {options.slice(from, to).map(({value, label, hint, unavailable}, index) => {
        const why = unavailable === undefined ? (hint ?? '') : t('unavailable', {reason: unavailable});
        return (
          <Words
            key={`${from + index}`}
            look={unavailable !== undefined ? 'quiet' : from + index === focus ? 'accent' : 'plain'}
            wrap="truncate-end"
          >
            {cut(
              `${from + index === focus ? '❯' : ' '} [${ticked.includes(value) ? 'x' : ' '}] ${label}  ${why}`.trimEnd(),
              columns - 2,
            )}
          </Words>
        );
      })}
    </Box>
  );
};
