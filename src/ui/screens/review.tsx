import {Box} from 'ink';
import {useMemo, useState} from 'react';
import {isEmpty, type Plan, planChanges} from '../../core/plan.js';
import {visibleLine} from '../../core/text.js';
import {type Detected, stepOf} from '../../session/places.js';
import {ownersOf, reviewLines, type ReviewLine} from '../../session/review-lines.js';
import {Frame} from '../components/frame/index.js';
import {Scroll, scrolled} from '../components/scroll/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useFit} from '../use-fit.js';
import {useKeys} from '../use-keys.js';
import {Confirm, LeaveOut, SaveDiff} from './review-asks.js';

type Review = Extract<Detected['screen'], {at: 'review'}>;
type Asking = 'nothing' | 'leave-out' | 'put-back' | 'save';

/** Every change before it is made. Accepting asks once more, with the cursor on “no”. */
export const ReviewScreen = ({state, screen}: {readonly state: Detected; readonly screen: Review}) => {
  const {session, t, lang} = useUi();
  const [asking, setAsking] = useState<Asking>('nothing');
  // Kept here: who looks at a question and comes back is where they were.
  const [top, setTop] = useState(0);
  const titleOf = (section: string) => visibleLine(stepOf(state, section)?.title[lang] ?? section);
  const owners = ownersOf(screen.plan);
  const nothing = isEmpty(screen.plan);
  const keys = [
    t('key_accept'),
    t('key_space_page'),
    ...(nothing ? [] : [t('key_jump'), t('key_leave'), t('key_save')]),
    t('key_back'),
    t('key_quit'),
  ];
  const left =
    state.leftOut.length === 0 ? '' : t('leftOut', {sections: state.leftOut.map(titleOf).join(', ')});
  return (
    <Frame
      title={`${t('reviewTitle')}${state.request.dryRun ? ` (${t('dryRun')})` : ''}`}
      aside={nothing ? '' : t('changes', {n: planChanges(screen.plan).length, m: owners.length})}
      progress={[left, owners.map(({section}) => titleOf(section)).join(' · ')].filter(Boolean).join('   ')}
      keys={screen.confirming || asking !== 'nothing' ? [t('key_choose'), t('key_back')] : keys}
    >
      {screen.confirming ? (
        <Confirm plan={screen.plan} dryRun={state.request.dryRun} />
      ) : asking === 'save' ? (
        <SaveDiff onDone={() => setAsking('nothing')} />
      ) : asking === 'nothing' ? (
        <Lines
          state={state}
          screen={screen}
          titleOf={titleOf}
          top={top}
          onTop={setTop}
          onAsk={setAsking}
          onAccept={() => session.dispatch({type: 'accept'})}
        />
      ) : (
        <LeaveOut
          what={asking}
          sections={asking === 'put-back' ? state.leftOut : owners.map(({section}) => section)}
          titleOf={titleOf}
          onDone={() => setAsking('nothing')}
        />
      )}
    </Frame>
  );
};

type LinesProps = {
  readonly state: Detected;
  readonly screen: Review;
  readonly titleOf: (section: string) => string;
  readonly top: number;
  readonly onTop: (top: number) => void;
  readonly onAsk: (asking: Asking) => void;
  readonly onAccept: () => void;
};

const Lines = ({state, screen, titleOf, top: wanted, onTop, onAsk, onAccept}: LinesProps) => {
  const {session, t, lang} = useUi();
  const {columns, rows} = useRoom();
  const {cut} = useFit();
  const lines = useLines(screen.plan, state, titleOf, columns);
  const room = rows - 1;
  const top = Math.max(0, Math.min(wanted, lines.length - room));
  const nothing = isEmpty(screen.plan);
  useKeys((input, key) => {
    const to = scrolled({top, all: lines.length, rows: room}, input === ' ' ? {...key, pageDown: true} : key);
    if (to !== undefined) {
      onTop(to);
    } else if (key.tab) {
      onTop(nextSection(lines, top, room, key.shift));
    } else if (key.escape || input === 'b') {
      session.dispatch({type: 'back'});
    } else if (input === 'a') {
      onAccept();
    } else if (input === 'x' && !nothing) {
      onAsk('leave-out');
    } else if (input === 'p' && state.leftOut.length > 0) {
      onAsk('put-back');
    } else if (input === 's' && !nothing) {
      onAsk('save');
    } else if (input === 'q') {
      session.dispatch({type: 'quit'});
    }
  });
  const note = screen.saved?.[lang];
  const section = lines.slice(0, top + 1).findLast(line => line.tone === 'heading')?.text;
  const here = section === undefined ? '' : `${section} · `;
  return (
    <Box flexDirection="column">
      <Scroll lines={lines} top={top} rows={room} />
      <Words look="quiet" wrap="truncate-end">
        {cut(
          note ??
            `${here}${t('lines', {from: top + 1, to: Math.min(lines.length, top + room), all: lines.length})}`,
          columns,
        )}
      </Words>
    </Box>
  );
};

const useLines = (
  plan: Plan,
  {overruled}: Detected,
  titleOf: (section: string) => string,
  columns: number,
): readonly ReviewLine[] => {
  const {lang} = useUi();
  const {fit} = useFit();
  // Titles follow the language, which does not change while a session runs.
  return useMemo(
    () => fit(reviewLines(plan, Object.values(overruled).flat(), titleOf, lang), columns),
    [plan, overruled, lang, columns],
  );
};

const nextSection = (lines: readonly ReviewLine[], top: number, rows: number, backward: boolean): number => {
  const heads = lines.flatMap(({tone}, index) => (tone === 'heading' ? [index] : []));
  const to = backward ? heads.findLast(index => index < top) : heads.find(index => index > top);
  return Math.max(0, Math.min(to ?? top, lines.length - rows));
};
