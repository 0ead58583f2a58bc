import {type Lang, visibleLine} from '../../core/text.js';
import {Box} from 'ink';
import {
  contextOf,
  decidedOf,
  type Detected,
  effectiveValue,
  questionOf,
  refusalOf,
  stepOf,
} from '../../session/places.js';
import {type Place, placeKey} from '../../session/state.js';
import {valueText} from '../../session/values.js';
import {Frame} from '../components/frame/index.js';
import {Menu, type MenuOption} from '../components/menu/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {progressLine} from '../progress.js';
import {useFit} from '../use-fit.js';
import {widthOf} from '../../core/width.js';

/** Everything that was decided by default, each open to change; the first line goes on. */
export const DecidedScreen = ({state, focus}: {readonly state: Detected; readonly focus?: Place}) => {
  const {t, lang} = useUi();
  const {columns} = useRoom();
  return (
    <Frame
      title={t('decidedTitle')}
      progress={progressLine(state, lang, columns)}
      keys={[t('key_choose'), t('key_move'), t('key_back'), t('key_sections'), t('key_quit')]}
    >
      <Body state={state} {...(focus === undefined ? {} : {focus})} />
    </Frame>
  );
};

const Body = ({state, focus}: {readonly state: Detected; readonly focus?: Place}) => {
  const {session, t, lang} = useUi();
  const {columns, rows} = useRoom();
  const {cut} = useFit();
  const places = decidedOf(state);
  const options: readonly MenuOption<Place | 'plan'>[] = [
    {value: 'plan', label: t('showChanges')},
    ...linesOf(state, places, {columns: columns - 4, open: t('open'), cut, lang}),
  ];
  const at = focus === undefined ? 0 : places.findIndex(place => placeKey(place) === placeKey(focus)) + 1;
  return (
    <Box flexDirection="column">
      <Words wrap="truncate-end">{t('decidedHint')}</Words>
      <Words> </Words>
      <Menu
        rows={rows - 2}
        initial={at}
        about={choice => (choice === 'plan' ? '' : aboutPlace(state, choice, lang))}
        options={options}
        onChoose={choice =>
          session.dispatch(choice === 'plan' ? {type: 'plan'} : {type: 'open', place: choice})
        }
      />
    </Box>
  );
};

// The list has no room for whole questions; the one under the cursor is said in full.
const aboutPlace = (state: Detected, place: Place, lang: Lang) =>
  `${visibleLine(stepOf(state, place.section)?.title[lang] ?? place.section)}: ${questionOf(state, place)?.ask[lang] ?? place.question}`;

const linesOf = (
  state: Detected,
  places: readonly Place[],
  {
    columns,
    open,
    cut,
    lang,
  }: {
    readonly columns: number;
    readonly open: string;
    readonly cut: (text: string, columns: number) => string;
    readonly lang: Lang;
  },
): readonly MenuOption<Place>[] => {
  const context = contextOf(state);
  const left = Math.floor(columns * 0.6);
  return places.map(place => {
    const question = questionOf(state, place);
    const value = effectiveValue(state, place, context);
    const wrong = refusalOf(state, place, value, context) !== undefined;
    const label = cut(question?.ask[lang] ?? place.question, left);
    const shown = wrong ? `! ${open}` : question === undefined ? '' : valueText(question, value, lang);
    return {value: place, label: `${label}${' '.repeat(Math.max(0, left - widthOf(label)))}  ${shown}`};
  });
};
