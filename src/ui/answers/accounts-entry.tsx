import {Box} from 'ink';
import {useState} from 'react';
import type {AccountAnswer, Question} from '../../core/question.js';
import {visibleLine} from '../../core/text.js';
import {contextOf, type Detected, effectiveValue, refusalOf} from '../../session/places.js';
import {type Place, placeKey} from '../../session/state.js';
import {Menu} from '../components/menu/index.js';
import {TextInput} from '../components/text-input/index.js';
import {Words} from '../components/words/index.js';
import {useUi} from '../context.js';
import {SecretEntry} from './secret-entry.js';

type Props = {
  readonly state: Detected;
  readonly place: Place;
  readonly question: Extract<Question, {kind: 'accounts'}>;
  readonly rows: number;
  readonly onChange: () => void;
  readonly onSubmit: (accounts: readonly AccountAnswer[]) => void;
};

// Leaving one out here would not take it away: that is a command of its own, which keeps the mail.
const isThere = ({password}: AccountAnswer) => password === 'keep';

type Stage = {readonly at: 'list'} | {readonly at: 'name'} | {readonly at: 'password'; readonly name: string};

/** Accounts one after another: an address, then its password; the list shows what is there. */
export const AccountsEntry = ({state, place, question, rows, onChange, onSubmit}: Props) => {
  const {t, lang} = useUi();
  const [accounts, setAccounts] = useState(
    () => (effectiveValue(state, place) ?? []) as readonly AccountAnswer[],
  );
  const [drafts, setDrafts] = useState(() => state.drafts[placeKey(place)] ?? []);
  const [stage, setStage] = useState<Stage>({at: accounts.length === 0 ? 'name' : 'list'});
  const [reason, setReason] = useState('');

  const name = (typed: string) => {
    const address = typed.trim();
    if (address === '' && accounts.length > 0) {
      return setStage({at: 'list'});
    }

    const refusal =
      address === ''
        ? undefined
        : refusalOf(state, place, [...accounts, {name: address, password: 'generate'}]);
    return address === '' || refusal !== undefined
      ? setReason(refusal?.[lang] ?? t('noAccounts'))
      : setStage({at: 'password', name: address});
  };

  const add = (account: AccountAnswer) => {
    onChange();
    setAccounts(before => [...before, account]);
    setDrafts(before => before.slice(1));
    setStage({at: drafts.length > 1 ? 'name' : 'list'});
  };

  const label = question.nameLabel?.[lang] ?? t('mailAddress');
  if (stage.at === 'password') {
    return (
      <Box flexDirection="column">
        <Words look="strong">{visibleLine(stage.name)}</Words>
        <SecretEntry
          keep={false}
          canGenerate
          check={value => question.validateSecret?.(value, contextOf(state), stage.name)}
          onChange={onChange}
          onDone={password => add({name: stage.name, password})}
        />
      </Box>
    );
  }

  if (stage.at === 'name') {
    return (
      <Box flexDirection="column">
        <Words>{accounts.length === 0 ? label : `${label} – ${t('addAnother')}`}</Words>
        <TextInput
          initial={drafts[0] ?? ''}
          onChange={() => {
            setReason('');
            onChange();
          }}
          onSubmit={name}
        />
        <Words look="bad">{reason === '' ? ' ' : `! ${reason}`}</Words>
      </Box>
    );
  }

  return (
    <Menu<'done' | 'add' | AccountAnswer>
      rows={rows}
      options={[
        {value: 'done', label: t('accountsDone')},
        {value: 'add', label: t('addAccount')},
        ...accounts.map(account => ({
          value: account,
          label: visibleLine(account.name),
          hint: t(isThere(account) ? 'accountStays' : 'key_remove'),
        })),
      ]}
      onChoose={choice => {
        if (choice === 'done') {
          onSubmit(accounts);
        } else if (choice === 'add') {
          setReason('');
          setStage({at: 'name'});
        }
      }}
      onRemove={choice => {
        if (typeof choice !== 'string' && !isThere(choice)) {
          onChange();
          setAccounts(before => before.filter(account => account !== choice));
          setStage({at: accounts.length === 1 ? 'name' : 'list'});
        }
      }}
    />
  );
};
