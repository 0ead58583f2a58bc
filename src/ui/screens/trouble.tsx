import {Box} from 'ink';
import {useState} from 'react';
import type {Problem} from '../../core/finding.js';
import {findingLines, type ReviewLine} from '../../session/review-lines.js';
import type {Action, State} from '../../session/state.js';
import {Frame} from '../components/frame/index.js';
import {Menu, type MenuOption} from '../components/menu/index.js';
import {Scroll, scrolled} from '../components/scroll/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useFit} from '../use-fit.js';
import {useKeys} from '../use-keys.js';

/** Why there is no plan, with the way to the question that would change it. */
export const RefusedScreen = ({screen}: {readonly screen: Extract<State['screen'], {at: 'refused'}>}) => {
  const {t, lang} = useUi();
  const asked = screen.findings.find(
    ({section, question}) => section !== undefined && question !== undefined,
  );
  const open: readonly MenuOption<Action>[] =
    asked?.section === undefined || asked.question === undefined
      ? []
      : [
          {
            value: {type: 'open', place: {section: asked.section, question: asked.question}},
            label: t('goToQuestion'),
          },
        ];
  return (
    <Frame title={t('refusedTitle')} keys={[t('key_choose'), t('key_page'), t('key_quit')]}>
      <Body
        lines={screen.findings.flatMap(finding => findingLines(finding, lang))}
        options={[...open, {value: {type: 'back'}, label: t('goBack')}]}
      />
    </Frame>
  );
};

/** What could not be done, why, and what to do. */
export const ProblemScreen = ({screen}: {readonly screen: Extract<State['screen'], {at: 'problem'}>}) => {
  const {t} = useUi();
  const back: readonly MenuOption<Action>[] =
    screen.back === undefined ? [] : [{value: {type: 'back'}, label: t('goBack')}];
  return (
    <Frame title={t('problemTitle')} keys={[t('key_choose'), t('key_page')]}>
      <Body
        lines={useProblemLines(screen.problem)}
        options={[...back, {value: {type: 'finish'}, label: t('quit')}]}
      />
    </Frame>
  );
};

const useProblemLines = ({what, cause, remedy, log}: Problem): readonly ReviewLine[] => {
  const {lang} = useUi();
  const more = [cause, remedy].flatMap(text => (text === undefined ? [] : text[lang].split('\n')));
  return [
    {tone: 'fail', text: `! ${what[lang]}`},
    ...more.map(text => ({tone: 'plain' as const, text: `  ${text}`})),
    ...(log === undefined ? [] : [{tone: 'quiet' as const, text: `  ${log}`}]),
  ];
};

const Body = ({
  lines,
  options,
}: {
  readonly lines: readonly ReviewLine[];
  readonly options: readonly MenuOption<Action>[];
}) => {
  const {session} = useUi();
  const {columns, rows} = useRoom();
  const {fit} = useFit();
  const [top, setTop] = useState(0);
  const shown = fit(lines, columns);
  const room = Math.max(1, rows - options.length - 1);
  useKeys((_input, key) => {
    const to = scrolled({top, all: shown.length, rows: room}, {...key, upArrow: false, downArrow: false});
    if (to !== undefined) {
      setTop(to);
    }
  });
  return (
    <Box flexDirection="column">
      <Scroll lines={shown} top={top} rows={room} />
      <Words> </Words>
      <Menu rows={options.length} options={options} onChoose={action => session.dispatch(action)} />
    </Box>
  );
};
