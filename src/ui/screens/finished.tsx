import {Box} from 'ink';
import {useEffect, useState} from 'react';
import type {Severity} from '../../core/finding.js';
import {visibleLine} from '../../core/text.js';
import {findingLines, type ReviewLine} from '../../session/review-lines.js';
import {endingOf, type RunView} from '../../session/run-view.js';
import {handoverOf, keptEarlierOf} from '../../session/summary.js';
import {canRollBack} from '../../session/running.js';
import type {State} from '../../session/state.js';
import {Frame} from '../components/frame/index.js';
import {Menu, type MenuOption} from '../components/menu/index.js';
import {Scroll, scrolled} from '../components/scroll/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useFit} from '../use-fit.js';
import {useKeys} from '../use-keys.js';

type Props = {readonly state: State; readonly run: RunView};
type Next = 'finish' | 'roll-back' | 'retry' | 'keep';

/** How it ended: every finding with cause and remedy, and what can be done about it. */
export const FinishedScreen = ({state, run}: Props) => {
  const {t} = useUi();
  const passed = run.findings.filter(({severity}) => severity === 'pass').length;
  return (
    <Frame
      title={t(endingOf(run))}
      aside={run.findings.length === 0 ? '' : t('passedOf', {n: passed, m: run.findings.length})}
      keys={[t('key_choose'), t('key_move'), t('key_page')]}
    >
      <Body state={state} run={run} />
    </Frame>
  );
};

const Body = ({state, run}: Props) => {
  const {session, t} = useUi();
  const {columns, rows} = useRoom();
  const {fit} = useFit();
  const [top, setTop] = useState(0);
  const [sure, setSure] = useState(false);
  const lines = fit(useResults(state, run), columns);
  const options = useNext(state, run);
  const room = Math.max(1, rows - Math.max(options.length, 2) - 2);
  useKeys((_input, key) => {
    const to = scrolled({top, all: lines.length, rows: room}, {...key, upArrow: false, downArrow: false});
    if (to !== undefined) {
      setTop(to);
    } else if (key.escape) {
      setSure(false);
    }
  });
  return (
    <Box flexDirection="column">
      <Scroll lines={lines} top={top} rows={room} />
      {run.pending === undefined ? <Words> </Words> : <Countdown deadline={run.pending.deadline} />}
      <Words look="strong" wrap="truncate-end">
        {sure ? t('rollBackSure') : t('chooseHint')}
      </Words>
      {sure ? (
        <Menu
          key="sure"
          rows={2}
          options={[
            {value: false, label: t('no')},
            {value: true, label: t('rollBack')},
          ]}
          onChoose={yes => (yes ? session.dispatch({type: 'roll-back'}) : setSure(false))}
        />
      ) : (
        <Menu
          key="next"
          rows={options.length}
          options={options}
          onChoose={type => (type === 'roll-back' ? setSure(true) : session.dispatch({type}))}
        />
      )}
    </Box>
  );
};

// Seconds that are left, counted while one looks: the deadline itself is in the record.
const Countdown = ({deadline}: {readonly deadline: string}) => {
  const {t} = useUi();
  const left = () => Math.max(0, Math.ceil((Date.parse(deadline) - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  });
  return (
    <Words look="strong" wrap="truncate-end">
      {t('goesBackIn', {n: seconds})}
    </Words>
  );
};

const useNext = (state: State, run: RunView): readonly MenuOption<Next>[] => {
  const {t} = useUi();
  const unproved = run.outcome === 'unproved';
  const back: MenuOption<Next> = {value: 'roll-back', label: t('rollBack')};
  const keep: MenuOption<Next> = {value: 'finish', label: unproved ? t('keepIt') : t('finish')};
  const confirm: MenuOption<Next> = {value: 'keep', label: t('confirmIt')};
  const retry: MenuOption<Next> = {value: 'retry', label: t('retry')};
  return [
    ...(unproved && canRollBack(state) ? [back] : []),
    ...(run.pending === undefined ? [] : [confirm]),
    keep,
    ...(!unproved && canRollBack(state) ? [back] : []),
    ...(run.outcome === 'rolled-back' && run.what === 'apply' ? [retry] : []),
  ];
};

const order: readonly Severity[] = ['fail', 'warning', 'unchecked', 'pass'];

const useResults = (state: State, run: RunView): readonly ReviewLine[] => {
  const {lang, engine} = useUi();
  const {failed} = run;
  const failure: readonly ReviewLine[] =
    failed === undefined
      ? []
      : [
          {tone: 'fail', text: `! ${failed.problem.what[lang]}`},
          ...[failed.problem.cause, failed.problem.remedy].flatMap(text =>
            text === undefined ? [] : [{tone: 'plain' as const, text: `  ${text[lang]}`}],
          ),
          ...failed.evidence.map(line => ({tone: 'quiet' as const, text: `  | ${visibleLine(line)}`})),
          ...(failed.problem.log === undefined
            ? []
            : [{tone: 'quiet' as const, text: `  ${failed.problem.log}`}]),
        ];
  const sorted = [...run.findings, ...run.conflicts].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
  );
  return [
    ...(run.pending === undefined ? [] : findingLines(run.pending.finding, lang)),
    ...failure,
    ...sorted.flatMap(finding => findingLines(finding, lang)),
    ...[...keptEarlierOf(run), ...handoverOf(state, engine)].map(text => ({
      tone: 'plain' as const,
      text: text[lang],
    })),
  ];
};
