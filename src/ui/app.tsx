import {Box, useInput, usePaste, useWindowSize} from 'ink';
import {useState, useSyncExternalStore} from 'react';
import {isDetected} from '../session/places.js';
import type {State} from '../session/state.js';
import {Words} from './components/words/index.js';
import {ActiveContext, RoomContext, type Ui, UiContext, useUi} from './context.js';
import {DecidedScreen} from './screens/decided.js';
import {FinishedScreen} from './screens/finished.js';
import {QuitOverlay, SectionsOverlay} from './screens/overlays.js';
import {QuestionScreen} from './screens/question.js';
import {ReviewScreen} from './screens/review.js';
import {RunScreen} from './screens/run.js';
import {StartScreen} from './screens/start.js';
import {ProblemScreen, RefusedScreen} from './screens/trouble.js';
import {WaitingScreen} from './screens/waiting.js';

/** Smallest window in which everything still fits. */
const smallest = {columns: 60, rows: 15};

export const App = ({ui}: {readonly ui: Ui}) => (
  <UiContext value={ui}>
    <Shell />
  </UiContext>
);

// The frame is one row lower than the window: a frame that fills it makes terminals scroll (ink issue 1023).
const Shell = () => {
  const {session} = useUi();
  const state = useSyncExternalStore(session.subscribe, session.state);
  const {columns, rows} = useWindowSize();
  const [choosing, setChoosing] = useState(false);
  const small = columns < smallest.columns || rows < smallest.rows;
  const free = !state.quitting && !choosing && !small;
  useInput((input, key) => {
    if (key.ctrl && input === 'c') {
      // Too small a window has no room for the question; the answers are kept, and a run goes on.
      session.dispatch(small && state.screen.at !== 'running' ? {type: 'leave', save: true} : {type: 'quit'});
    } else if (free && isDetected(state)) {
      steer(state, input, key, setChoosing, session.dispatch);
    }
  });

  // Bracketed paste is on everywhere, so that a paste into a menu is no key presses.
  usePaste(() => undefined);
  return (
    <RoomContext value={{columns, rows: rows - 1}}>
      {small ? <TooSmall columns={columns} rows={rows} running={state.screen.at === 'running'} /> : undefined}
      {!small && state.quitting ? <QuitOverlay state={state} /> : undefined}
      {!small && !state.quitting && choosing && isDetected(state) ? (
        <SectionsOverlay state={state} onDone={() => setChoosing(false)} />
      ) : undefined}
      <Box display={free ? 'flex' : 'none'}>
        <ActiveContext value={free}>
          <CurrentScreen state={state} />
        </ActiveContext>
      </Box>
    </RoomContext>
  );
};

type Steer = Parameters<Parameters<typeof useInput>[0]>;

// Keys that move between questions; answers are typed with all others.
const steer = (
  {screen}: State,
  input: Steer[0],
  key: Steer[1],
  setChoosing: (choosing: boolean) => void,
  dispatch: Ui['session']['dispatch'],
) => {
  if (screen.at !== 'question' && screen.at !== 'decided' && screen.at !== 'planning') {
    return;
  }

  if (key.escape) {
    dispatch({type: 'back'});
  } else if (key.ctrl && input === 'n') {
    dispatch({type: 'forward'});
  } else if (key.ctrl && input === 'g' && screen.at !== 'planning') {
    setChoosing(true);
  }
};

const CurrentScreen = ({state}: {readonly state: State}) => {
  const {t} = useUi();
  const {screen, run} = state;
  if (screen.at === 'problem') {
    return <ProblemScreen screen={screen} />;
  }

  if (!isDetected(state)) {
    return run === undefined || screen.at === 'detecting' ? (
      <WaitingScreen title={t('detecting')} hint={t('detectingHint')} lines={[]} back={false} />
    ) : undefined;
  }

  switch (screen.at) {
    case 'start':
      return <StartScreen state={state} />;
    case 'question':
      return (
        <QuestionScreen
          key={`${screen.place.section}.${screen.place.question}`}
          state={state}
          place={screen.place}
        />
      );
    case 'decided':
      return <DecidedScreen state={state} {...(screen.focus === undefined ? {} : {focus: screen.focus})} />;
    case 'planning':
      return <WaitingScreen title={t('planning')} hint={t('planningHint')} lines={screen.lines} back />;
    case 'refused':
      return <RefusedScreen screen={screen} />;
    case 'review':
      return <ReviewScreen state={state} screen={screen} />;
    case 'running':
      return run === undefined ? undefined : <RunScreen key={run.what} run={run} />;
    case 'finished':
      return run === undefined ? undefined : <FinishedScreen state={state} run={run} />;
    default:
      return undefined;
  }
};

type TooSmallProps = {readonly columns: number; readonly rows: number; readonly running: boolean};

const TooSmall = ({columns, rows, running}: TooSmallProps) => {
  const {t} = useUi();
  return (
    <Box flexDirection="column" height={Math.max(1, rows - 1)} overflow="hidden">
      <Words>{t('tooSmall', {columns, rows})}</Words>
      <Words>{t(running ? 'tooSmallRunning' : 'tooSmallHint')}</Words>
      {running ? undefined : <Words>{t('tooSmallQuit')}</Words>}
    </Box>
  );
};
