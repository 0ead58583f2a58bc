import {Box} from 'ink';
import {visibleLine} from '../../core/text.js';
import {decidedOf, type Detected, flowOf, sectionsOf} from '../../session/places.js';
import type {Action, State} from '../../session/state.js';
import {Frame} from '../components/frame/index.js';
import {Menu, type MenuOption} from '../components/menu/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useKeys} from '../use-keys.js';

/** Quit, or stop a run: the cursor stands on what does no harm. */
export const QuitOverlay = ({state}: {readonly state: State}) => {
  const {session, t} = useUi();
  const running = state.screen.at === 'running';
  const watching = running && state.run?.what === 'attach';
  const undoing = running && !watching && (state.run?.undo !== undefined || state.run?.what !== 'apply');
  const stopping = running && !undoing && !watching;
  const isOpen = state.run !== undefined && state.run.outcome === undefined;
  const asked =
    state.scene !== undefined &&
    state.screen.at !== 'start' &&
    state.request.sections.length === 0 &&
    !state.request.dryRun;
  const stay: MenuOption<Action> = {
    value: {type: 'stay'},
    label: stopping ? t('stopNo') : t('stay'),
  };
  const options: readonly MenuOption<Action>[] = undoing
    ? [stay]
    : stopping
      ? [stay, {value: {type: 'leave', save: true}, label: t('stopYes')}]
      : watching || state.screen.at === 'finished' || !asked
        ? [stay, {value: {type: 'leave', save: false}, label: t('quitNow')}]
        : [
            stay,
            {value: {type: 'leave', save: true}, label: t('quitSave')},
            {value: {type: 'leave', save: false}, label: t('quitDrop')},
          ];
  useKeys((_input, key) => {
    if (key.escape) {
      session.dispatch({type: 'stay'});
    }
  });
  return (
    <Frame title={t(stopping ? 'stopTitle' : 'quitTitle')} keys={[t('key_choose'), t('key_back')]}>
      <Box flexDirection="column">
        <Words look="strong">{t(stopping ? 'stopTitle' : 'quitTitle')}</Words>
        <Words>
          {undoing
            ? t('stopUndo')
            : watching
              ? t('goesOn')
              : running || state.screen.at === 'finished'
                ? ' '
                : t(isOpen ? 'notEnded' : 'nothingChanged')}
        </Words>
        <Words> </Words>
        <Menu rows={options.length} options={options} onChoose={action => session.dispatch(action)} />
      </Box>
    </Frame>
  );
};

/** All sections that apply, to go to. */
export const SectionsOverlay = ({state, onDone}: {readonly state: Detected; readonly onDone: () => void}) => {
  const {t} = useUi();
  useKeys((_input, key) => {
    if (key.escape) {
      onDone();
    }
  });
  return (
    <Frame title={t('sections')} keys={[t('key_choose'), t('key_move'), t('key_back')]}>
      <SectionList state={state} onDone={onDone} />
    </Frame>
  );
};

const SectionList = ({state, onDone}: {readonly state: Detected; readonly onDone: () => void}) => {
  const {session, lang} = useUi();
  const {rows} = useRoom();
  const asked = new Set([...flowOf(state), ...decidedOf(state)].map(({section}) => section));
  const sections = sectionsOf(state).filter(({id}) => asked.has(id));
  const {screen} = state;
  const here = screen.at === 'question' ? screen.place.section : undefined;
  return (
    <Menu
      rows={rows}
      initial={sections.findIndex(({id}) => id === here)}
      options={sections.map(({id, title, why}) => ({
        value: id,
        label: visibleLine(title[lang]),
        hint: visibleLine(why[lang]),
      }))}
      onChoose={section => {
        onDone();
        session.dispatch({type: 'jump', section});
      }}
    />
  );
};
