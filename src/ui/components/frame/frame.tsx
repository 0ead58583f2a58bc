import {Box} from 'ink';
import type {ReactNode} from 'react';
import {visibleLine} from '../../../core/text.js';
import {RoomContext, type Room, useRoom, useUi} from '../../context.js';
import {useFit} from '../../use-fit.js';
import {widthOf} from '../../../core/width.js';
import {Words} from '../words/index.js';

/** Rows that header, progress, rule and footer take. */
const around = 5;

type Props = {
  /** Left in the header, after the name of the program. */
  readonly title: string;
  /** Right in the header. */
  readonly aside?: string;
  /** The sections with where we are; an empty line where there are none. */
  readonly progress?: string;
  readonly keys: readonly string[];
  readonly children: ReactNode;
};

/** What every screen has around it. The height never changes, so that a key press repaints its own line only. */
export const Frame = ({title, aside = '', progress = '', keys, children}: Props) => {
  const {session} = useUi();
  const {columns, rows} = useRoom();
  const {cut} = useFit();
  const facts = session.state().scene?.facts;
  const host = facts === undefined ? '' : ` · ${visibleLine(facts.host.fqdn ?? facts.host.name, 60)}`;
  const left = cut(`dovetail${host} · ${title}`, columns - widthOf(aside) - 2);
  const room: Room = {columns, rows: rows - around};
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Box justifyContent="space-between" height={1}>
        <Words look="strong" wrap="truncate-end">
          {left}
        </Words>
        <Words look="quiet">{aside}</Words>
      </Box>
      <Words look="quiet" wrap="truncate-end">
        {progress === '' ? ' ' : cut(progress, columns)}
      </Words>
      <Words look="quiet" wrap="truncate-end">
        {'─'.repeat(columns)}
      </Words>
      <Box flexDirection="column" height={room.rows} overflow="hidden">
        <RoomContext value={room}>{children}</RoomContext>
      </Box>
      <Words> </Words>
      <Words look="quiet" wrap="truncate-end">
        {cut(keysLine(keys, columns), columns)}
      </Words>
    </Box>
  );
};

// Wide gaps where there is room for them: what is cut off here nobody can press.
const keysLine = (keys: readonly string[], columns: number) => {
  const wide = keys.join('   ');
  return widthOf(wide) <= columns ? wide : keys.join('  ');
};
