import {Box} from 'ink';
import {useState} from 'react';
import {visibleLine} from '../../core/text.js';
import {type Detected, stepOf} from '../../session/places.js';
import {findingLines, type ReviewLine} from '../../session/review-lines.js';
import type {Action} from '../../session/state.js';
import {Frame} from '../components/frame/index.js';
import {Menu, type MenuOption} from '../components/menu/index.js';
import {Scroll, scrolled} from '../components/scroll/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useFit} from '../use-fit.js';
import {useKeys} from '../use-keys.js';

/** What was found on this machine, and where to begin. */
export const StartScreen = ({state}: {readonly state: Detected}) => {
  const {t} = useUi();
  return (
    <Frame
      title={t('found')}
      aside={state.request.dryRun ? t('dryRun') : ''}
      keys={[t('key_choose'), t('key_move'), t('key_page'), t('key_quit')]}
    >
      <Body state={state} />
    </Frame>
  );
};

const Body = ({state}: {readonly state: Detected}) => {
  const {session, t} = useUi();
  const {columns, rows} = useRoom();
  const {fit} = useFit();
  const [top, setTop] = useState(0);
  const options = useChoices(state);
  const lines = fit(useFound(state), columns);
  const room = Math.max(1, rows - options.length - 2);
  useKeys((_input, key) => {
    const to = scrolled({top, all: lines.length, rows: room}, {...key, upArrow: false, downArrow: false});
    if (to !== undefined) {
      setTop(to);
    }
  });
  return (
    <Box flexDirection="column">
      <Scroll lines={lines} top={top} rows={room} />
      <Words look="quiet" wrap="truncate-end">
        {state.request.sections.length === 0 ? t('beginHint') : ' '}
      </Words>
      <Words> </Words>
      <Menu rows={options.length} options={options} onChoose={action => session.dispatch(action)} />
    </Box>
  );
};

const useFound = ({scene}: Detected): readonly ReviewLine[] => {
  const {t, lang} = useUi();
  const {facts, unfinished} = scene;
  const product = (name: string, version: string | undefined, configured: boolean): ReviewLine => ({
    tone: 'plain',
    text:
      version === undefined
        ? `${name}: ${t('notInstalled')}`
        : // Half removed, it has files and tells no version.
          `${name}: ${[visibleLine(version), configured ? t('configured') : t('notConfigured')]
            .filter(words => words !== '')
            .join(', ')}`,
  });
  return [
    {tone: 'plain', text: `${t('system')}: ${visibleLine(facts.os.name)}`},
    product('Dovecot', facts.dovecot?.version, facts.configured.dovecot),
    product('Postfix', facts.postfix?.version, facts.configured.postfix),
    {tone: 'plain', text: ''},
    ...(unfinished === undefined
      ? []
      : [
          {tone: 'fail' as const, text: `! ${t('unfinished', {when: unfinished.when, id: unfinished.id})}`},
          {tone: 'plain' as const, text: t('recoverHint')},
        ]),
    ...(facts.findings.length === 0
      ? [{tone: 'pass' as const, text: t('allWell')}]
      : facts.findings.flatMap(finding => findingLines(finding, lang))),
  ];
};

const useChoices = (state: Detected): readonly MenuOption<Action>[] => {
  const {t, lang} = useUi();
  const {unfinished, resumable} = state.scene;
  const quit: MenuOption<Action> = {value: {type: 'leave', save: true}, label: t('quit')};
  if (unfinished !== undefined) {
    return state.request.dryRun ? [quit] : [{value: {type: 'recover'}, label: t('recover')}, quit];
  }

  const sections = state.request.sections
    .map(section => visibleLine(stepOf(state, section)?.title[lang] ?? section))
    .join(', ');
  const begin = sections === '' ? t('begin') : t('beginSections', {sections});
  return resumable === undefined || sections !== ''
    ? [{value: {type: 'begin', resume: false}, label: begin}, quit]
    : [
        {value: {type: 'begin', resume: true}, label: t('resume')},
        {value: {type: 'begin', resume: false}, label: t('startOver')},
        quit,
      ];
};
