import {Box} from 'ink';
import {useState} from 'react';
import type {Question} from '../../core/question.js';
import {visibleLine} from '../../core/text.js';
import {contextOf, type Detected, effectiveValue} from '../../session/places.js';
import type {Place} from '../../session/state.js';
import {choicesOf, parseTyped, typedText} from '../../session/values.js';
import {Menu} from '../components/menu/index.js';
import {TextInput} from '../components/text-input/index.js';
import {Ticks} from '../components/ticks/index.js';
import {Words} from '../components/words/index.js';
import {useUi} from '../context.js';
import {AccountsEntry} from './accounts-entry.js';
import {OfferedEntry} from './offered-entry.js';
import {RowsEntry} from './rows-entry.js';
import {SecretEntry} from './secret-entry.js';

type Props = {
  readonly state: Detected;
  readonly place: Place;
  readonly question: Question;
  /** Rows that the entry may take. */
  readonly rows: number;
};

/** The way in which a question of each kind is answered. */
export const AnswerEntry = ({state, place, question, rows}: Props) => {
  const {session, t, lang} = useUi();
  const present = effectiveValue(state, place);
  const submit = (value: unknown) => session.dispatch({type: 'answer', value});
  const change = () => session.dispatch({type: 'edit'});
  switch (question.kind) {
    case 'yes-no':
      return (
        <Menu
          rows={rows}
          initial={present === false ? 1 : 0}
          options={[
            {value: true, label: t('yes')},
            {value: false, label: t('no')},
          ]}
          onChoose={submit}
        />
      );
    case 'select':
    case 'multi': {
      const options = choicesOf(question, contextOf(state)).map(({value, label, hint, unavailable}) => ({
        value,
        label: label[lang],
        hint: hint?.[lang],
        unavailable: unavailable?.[lang],
      }));
      return question.kind === 'select' ? (
        <Menu
          rows={rows}
          initial={options.findIndex(({value}) => value === present)}
          options={options}
          onChoose={submit}
        />
      ) : (
        <Ticks
          rows={rows}
          initial={(present ?? []) as readonly string[]}
          options={options}
          onChange={change}
          onSubmit={submit}
        />
      );
    }

    case 'secret':
      return (
        <SecretEntry
          keep={present === 'keep'}
          canGenerate={question.canGenerate}
          check={value => question.validateSecret?.(value, contextOf(state))}
          onChange={change}
          onDone={submit}
        />
      );
    case 'rows':
      return (
        <RowsEntry
          state={state}
          place={place}
          question={question}
          rows={rows}
          onChange={change}
          onSubmit={submit}
        />
      );
    case 'accounts':
      return (
        <AccountsEntry
          state={state}
          place={place}
          question={question}
          rows={rows}
          onChange={change}
          onSubmit={submit}
        />
      );
    case 'text':
      return question.offers === undefined ? (
        <TypedEntry state={state} place={place} question={question} rows={rows} />
      ) : (
        <OfferedEntry state={state} place={place} question={question} rows={rows} onSubmit={submit}>
          <TypedEntry state={state} place={place} question={question} rows={rows} />
        </OfferedEntry>
      );
    default:
      return <TypedEntry state={state} place={place} question={question} rows={rows} />;
  }
};

// Text, number or list. The items of a list are shown apart, so that people see how what they typed is read.
const TypedEntry = ({state, place, question, rows}: Props) => {
  const {session, lang} = useUi();
  const initial = typedText(question, effectiveValue(state, place));
  const [reason, setReason] = useState('');
  const [text, setText] = useState(initial);
  const parsed = question.kind === 'list' ? parseTyped(question, text) : undefined;
  const items = parsed !== undefined && 'value' in parsed ? (parsed.value as readonly string[]) : [];
  return (
    <Box flexDirection="column">
      <TextInput
        initial={initial}
        onChange={typed => {
          setReason('');
          if (question.kind === 'list') {
            setText(typed);
          }

          session.dispatch({type: 'edit'});
        }}
        onSubmit={typed => {
          const read = parseTyped(question, typed);
          if ('value' in read) {
            session.dispatch({type: 'answer', value: read.value});
          } else {
            setReason(read.reason[lang]);
          }
        }}
      />
      {reason === '' ? undefined : <Words look="bad">{`! ${reason}`}</Words>}
      {items.length > 1
        ? items.slice(0, Math.max(0, rows - 2)).map((item, index) => (
            <Words key={`${index}`} look="quiet" wrap="truncate-end">
              {`  • ${visibleLine(item)}`}
            </Words>
          ))
        : undefined}
    </Box>
  );
};
