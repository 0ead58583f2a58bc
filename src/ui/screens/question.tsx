import {Box} from 'ink';
import type {Question} from '../../core/question.js';
import {cautionOf, type Detected, effectiveValue, questionOf, stepOf} from '../../session/places.js';
import {findingLines} from '../../session/review-lines.js';
import {type Place, placeKey} from '../../session/state.js';
import {valueText} from '../../session/values.js';
import {AnswerEntry} from '../answers/answer-entry.js';
import {Countdown} from '../components/countdown/index.js';
import {Frame} from '../components/frame/index.js';
import {Menu} from '../components/menu/index.js';
import {Scroll} from '../components/scroll/index.js';
import {type Look, Words} from '../components/words/index.js';
import {ActiveContext, useActive, useRoom, useUi} from '../context.js';
import {positionOf, progressLine} from '../progress.js';
import {wrap} from '../../core/width.js';
import {useFit} from '../use-fit.js';

type Props = {readonly state: Detected; readonly place: Place};

/** One question: what, help, why, the answer, and what is wrong with it. */
export const QuestionScreen = ({state, place}: Props) => {
  const {t, lang} = useUi();
  const {columns} = useRoom();
  const question = questionOf(state, place);
  const {n, m} = positionOf(state);
  const title = stepOf(state, place.section)?.title[lang] ?? place.section;
  const many = question?.kind === 'multi';
  return (
    <Frame
      title={title}
      aside={n > 0 ? t('question', {n, m}) : t('decidedTitle')}
      progress={progressLine(state, lang, columns)}
      keys={[
        t('key_enter'),
        ...(many ? [t('key_space')] : []),
        t('key_back'),
        t('key_next'),
        t('key_sections'),
        t('key_quit'),
      ]}
    >
      {question === undefined ? <Words> </Words> : <Body state={state} place={place} question={question} />}
    </Frame>
  );
};

/** Rows kept free below the entry for what is wrong with the answer. */
const messageRows = 3;

const Body = ({state, place, question}: Props & {readonly question: Question}) => {
  const {columns, rows} = useRoom();
  const active = useActive();
  const live =
    state.live !== undefined && placeKey(state.live.place) === placeKey(place) ? state.live : undefined;
  const intro = useIntro(state, place, question);
  const shown = intro.slice(0, Math.max(2, rows - messageRows - 5));
  const entryRows = Math.max(3, rows - shown.length - 1 - messageRows);
  return (
    <Box flexDirection="column">
      {shown.map(({look, text}, index) => (
        <Words key={`${index}`} look={look} wrap="truncate-end">
          {text}
        </Words>
      ))}
      <Words> </Words>
      <Box flexDirection="column" display={live?.findings === undefined ? 'flex' : 'none'}>
        <ActiveContext value={active && live?.findings === undefined}>
          <AnswerEntry
            key={placeKey(place)}
            state={state}
            place={place}
            question={question}
            rows={entryRows}
          />
        </ActiveContext>
        <Message state={state} place={place} width={columns} />
      </Box>
      {live?.findings === undefined ? undefined : <Failed state={state} rows={entryRows + messageRows} />}
    </Box>
  );
};

const useIntro = (
  state: Detected,
  place: Place,
  question: Question,
): readonly {readonly look: Look; readonly text: string}[] => {
  const {t, lang} = useUi();
  const {columns} = useRoom();
  const lines = (look: Look, text: string) => wrap(text, columns).map(line => ({look, text: line}));
  const value = effectiveValue(state, place);
  const aside = [
    ...(question.example === undefined ? [] : [`${t('example')} ${question.example}`]),
    ...(value === undefined || question.kind === 'secret' || question.kind === 'accounts'
      ? []
      : [`${t('default')} ${valueText(question, value, lang)}`]),
  ];
  return [
    ...lines('strong', question.ask[lang]),
    ...lines('plain', question.help[lang]),
    ...lines('quiet', `${t('why')} ${question.why[lang]}`),
    ...(aside.length === 0 ? [] : lines('quiet', aside.join('   '))),
  ];
};

const Message = ({state, place, width}: Props & {readonly width: number}) => {
  const {t, lang} = useUi();
  if (state.live !== undefined) {
    return <Countdown key={state.live.id}>{t('checking')}</Countdown>;
  }

  const refused = state.problem !== undefined && placeKey(state.problem.place) === placeKey(place);
  const caution = cautionOf(state, place);
  const text = refused
    ? `! ${state.problem?.reason[lang]}`
    : caution === undefined
      ? ' '
      : `${t('caution')} ${caution[lang]}`;
  return (
    <Box flexDirection="column" height={messageRows} overflow="hidden">
      {wrap(text, width)
        .slice(0, messageRows)
        .map((line, index) => (
          <Words key={`${index}`} look={refused ? 'bad' : 'careful'}>
            {line === '' ? ' ' : line}
          </Words>
        ))}
    </Box>
  );
};

// A failed test asks: change the answer, or use it all the same.
const Failed = ({state, rows}: {readonly state: Detected; readonly rows: number}) => {
  const {session, t, lang} = useUi();
  const {columns} = useRoom();
  const {fit} = useFit();
  const lines = fit(
    (state.live?.findings ?? []).flatMap(finding => findingLines(finding, lang)),
    columns,
  );
  const room = Math.max(1, Math.min(lines.length, rows - 4));
  return (
    <Box flexDirection="column">
      <Scroll lines={lines} top={0} rows={room} />
      <Words look="quiet" wrap="truncate-end">
        {t('overruleHint')}
      </Words>
      <Menu
        rows={2}
        options={[
          {value: 'edit' as const, label: t('change')},
          {value: 'overrule' as const, label: t('overrule')},
        ]}
        onChoose={type => session.dispatch({type})}
      />
    </Box>
  );
};
