import {Box} from 'ink';
import {useEffect, useState} from 'react';
import {visibleLine} from '../../core/text.js';
import {findingLines} from '../../session/review-lines.js';
import type {RunView} from '../../session/run-view.js';
import {Frame} from '../components/frame/index.js';
import {type Look, Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useFit} from '../use-fit.js';
import {widthOf} from '../../core/width.js';

/** A run while it goes: how far it is, what it does, what that says. */
export const RunScreen = ({run}: {readonly run: RunView}) => {
  const {t} = useUi();
  const seconds = useSeconds();
  const title = t(
    run.what === 'attach'
      ? 'watching'
      : run.what === 'recover'
        ? 'recovering'
        : run.undo !== undefined
          ? 'undoing'
          : 'applying',
  );
  return (
    <Frame title={title} aside={t('seconds', {s: seconds})} keys={[t('key_stop')]}>
      <Body run={run} />
    </Frame>
  );
};

// One digit a second: the screen is seen to live, and a slow line carries it.
const useSeconds = () => {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(before => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
};

const Body = ({run}: {readonly run: RunView}) => {
  const {t, lang} = useUi();
  const {columns, rows} = useRoom();
  const {cut} = useFit();
  const {n, m, words} = useProgress(run);
  // What is done takes the room that it needs, up to a half; what the change says has the rest.
  const doneRows = Math.min(Math.max(2, run.done.length), Math.max(2, Math.floor((rows - 5) / 2)));
  const outputRows = Math.max(1, rows - 5 - doneRows);
  const done = run.done.slice(-doneRows);
  const findings = run.findings.slice(-outputRows);
  return (
    <Box flexDirection="column">
      <Words wrap="truncate-end">{`${bar(n, m, 30)}  ${words}`}</Words>
      <Words look="strong" wrap="truncate-end">
        {run.stopping && run.outcome === undefined
          ? t('stopping')
          : run.proving !== undefined && run.undo === undefined
            ? t('proving')
            : visibleLine(run.current?.title[lang] ?? ' ')}
      </Words>
      <Words> </Words>
      <Box flexDirection="column" height={doneRows}>
        {done.map(({title, ms, ok}, index) => {
          const time = t('seconds', {s: (ms / 1000).toFixed(1)});
          const text = cut(`${ok ? '✓' : '!'} ${visibleLine(title[lang])}`, columns - widthOf(time) - 2);
          return (
            <Words key={`${index}`} look={ok ? 'quiet' : 'bad'} wrap="truncate-end">
              {`${text}${' '.repeat(Math.max(1, columns - widthOf(text) - widthOf(time)))}${time}`}
            </Words>
          );
        })}
      </Box>
      <Words> </Words>
      <Box flexDirection="column" height={outputRows} overflow="hidden">
        {run.proving === undefined
          ? run.lines.slice(-outputRows).map((line, index) => (
              <Words key={`${index}`} look="quiet" wrap="truncate-end">
                {`  ${visibleLine(line)}`}
              </Words>
            ))
          : findings.map((finding, index) => (
              <Words key={`${index}`} look={looks[finding.severity]} wrap="truncate-end">
                {findingLines(finding, lang)[0]?.text ?? ''}
              </Words>
            ))}
      </Box>
    </Box>
  );
};

const useProgress = (run: RunView) => {
  const {t} = useUi();
  if (run.undo !== undefined) {
    const {done: n, total: m} = run.undo;
    return {n, m, words: t('undoneOf', {n, m})};
  }

  if (run.proving !== undefined) {
    // A check may find more than one thing: how many there will be is not known.
    const {findings, proving} = run;
    const n = findings.length;
    return n < proving
      ? {n, m: proving, words: t('checksOf', {n, m: proving})}
      : {n, m: n + 1, words: t('checksDone', {n})};
  }

  const n = (run.current?.index ?? run.total - 1) + 1;
  return {n: n - (run.current === undefined ? 0 : 1), m: run.total, words: t('changeOf', {n, m: run.total})};
};

const bar = (n: number, m: number, width: number) => {
  const full = m === 0 ? 0 : Math.min(width, Math.round((n / m) * width));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
};

const looks: Readonly<Record<'pass' | 'warning' | 'fail' | 'unchecked', Look>> = {
  pass: 'good',
  warning: 'careful',
  fail: 'bad',
  unchecked: 'careful',
};
