import {Box} from 'ink';
import {useState} from 'react';
import type {Question} from '../../core/question.js';
import {visibleLine} from '../../core/text.js';
import {contextOf, type Detected, effectiveValue} from '../../session/places.js';
import type {Place} from '../../session/state.js';
import {Menu} from '../components/menu/index.js';
import {TextInput} from '../components/text-input/index.js';
import {Words} from '../components/words/index.js';
import {useUi} from '../context.js';

type Props = {
  readonly state: Detected;
  readonly place: Place;
  readonly question: Extract<Question, {kind: 'rows'}>;
  readonly rows: number;
  readonly onChange: () => void;
  readonly onSubmit: (items: readonly string[]) => void;
};

/** `edit`: the place of the line in the table; one past the end for a new one. */
type Stage = {readonly at: 'table'} | {readonly at: 'edit'; readonly line: number} | {readonly at: 'try'};
type Choice = 'done' | 'add' | 'try' | number;

/** A table of lines: Enter on one changes it, Delete takes it out; where lines can be tried, what hits is said below. */
export const RowsEntry = ({state, place, question, rows, onChange, onSubmit}: Props) => {
  const {engine, t, lang} = useUi();
  const [items, setItems] = useState(() => (effectiveValue(state, place) ?? []) as readonly string[]);
  const [stage, setStage] = useState<Stage>({at: 'table'});
  const [said, setSaid] = useState('');

  const change = (next: readonly string[]) => {
    onChange();
    setItems(next);
  };

  const edit = (line: number, typed: string) => {
    const item = typed.trim();
    if (item === '') {
      return setStage({at: 'table'});
    }

    const reason = question.validateItem?.(item, contextOf(state));
    if (reason !== undefined) {
      return setSaid(`! ${reason[lang]}`);
    }

    change(items.toSpliced(line, 1, item));
    setSaid('');
    return setStage({at: 'table'});
  };

  const attempt = async (sample: string) => {
    const check = question.attempt?.(items, contextOf(state));
    if (sample.trim() === '' || check === undefined) {
      setSaid('');
      return setStage({at: 'table'});
    }

    setSaid(t('checking'));
    const findings = await engine.liveCheck({...check, sample}, new AbortController().signal);
    return setSaid(findings.map(({summary}) => summary[lang]).join(' '));
  };

  if (stage.at !== 'table') {
    const {at} = stage;
    return (
      <Box flexDirection="column">
        <Words>{at === 'try' ? t('rowTryWhat') : t('rowNew')}</Words>
        <TextInput
          key={at}
          initial={stage.at === 'edit' ? (items[stage.line] ?? '') : ''}
          onChange={() => {
            setSaid('');
            onChange();
          }}
          onSubmit={typed => void (stage.at === 'edit' ? edit(stage.line, typed) : attempt(typed))}
        />
        <Words look={at === 'try' ? 'strong' : 'bad'}>{said === '' ? ' ' : said}</Words>
      </Box>
    );
  }

  return (
    <Menu<Choice>
      rows={rows}
      options={[
        {value: 'done', label: t('rowDone')},
        {value: 'add', label: t('rowAdd')},
        ...(question.attempt === undefined || items.length === 0
          ? []
          : [{value: 'try' as const, label: t('rowTry')}]),
        ...items.map((item, line) => ({value: line, label: `${line + 1}. ${visibleLine(item)}`})),
      ]}
      onChoose={choice => {
        setSaid('');
        if (choice === 'done') {
          onSubmit(items);
        } else {
          setStage(
            choice === 'try' ? {at: 'try'} : {at: 'edit', line: choice === 'add' ? items.length : choice},
          );
        }
      }}
      onRemove={choice => typeof choice === 'number' && change(items.toSpliced(choice, 1))}
    />
  );
};
