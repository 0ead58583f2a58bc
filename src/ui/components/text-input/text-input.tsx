import {Box, type DOMElement, measureElement, useCursor} from 'ink';
import {useEffect, useRef, useState} from 'react';
import {useActive, useRoom, useUi} from '../../context.js';
import {Words} from '../words/index.js';
import {typedLimit, visiblePart} from './state.js';
import {useTyping} from './use-typing.js';

type Props = {
  /** What stands there at first. */
  readonly initial?: string;
  /** Shows only that something was typed, not what nor how much. @default false */
  readonly masked?: boolean;
  readonly onChange?: (text: string) => void;
  readonly onSubmit: (text: string) => void;
};

/** One line to type in. The terminal's own cursor stands in it, so that input methods open their window there. */
export const TextInput = ({initial = '', masked = false, onChange, onSubmit}: Props) => {
  const {columns} = useRoom();
  const {t} = useUi();
  const active = useActive();
  const typed = useTyping({initial, onChange, onSubmit});
  const {shown, column} = masked
    ? {shown: typed.characters.length === 0 ? '' : '•••', column: typed.characters.length === 0 ? 0 : 3}
    : visiblePart(typed, columns - 4);

  const place = useRef<DOMElement>(null);
  const [origin, setOrigin] = useState<{readonly x: number; readonly y: number} | undefined>();
  useEffect(() => {
    if (place.current !== null) {
      const {x, y} = measureElement(place.current);
      setOrigin(before => (before?.x === x && before.y === y ? before : {x, y}));
    }
  });
  const {setCursorPosition} = useCursor();
  setCursorPosition(active && origin !== undefined ? {x: origin.x + column, y: origin.y} : undefined);

  return (
    <Box flexDirection="column">
      <Box height={1}>
        <Words look="accent">{'❯ '}</Words>
        <Box ref={place} flexGrow={1}>
          <Words wrap="truncate-end">{shown === '' ? ' ' : shown}</Words>
        </Box>
      </Box>
      {typed.refused ? <Words look="bad">{`! ${t('tooLong', {limit: typedLimit})}`}</Words> : undefined}
    </Box>
  );
};
