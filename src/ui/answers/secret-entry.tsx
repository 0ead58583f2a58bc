import {Box} from 'ink';
import {useState} from 'react';
import type {SecretRef} from '../../core/secret.js';
import type {Text} from '../../core/text.js';
import {TextInput} from '../components/text-input/index.js';
import {Words} from '../components/words/index.js';
import {useUi} from '../context.js';
import {useKeys} from '../use-keys.js';

type Props = {
  /** An empty answer leaves what the machine has. */
  readonly keep: boolean;
  readonly canGenerate: boolean;
  readonly check: (value: string) => Text | undefined;
  readonly onChange: () => void;
  readonly onDone: (ref: SecretRef) => void;
};

type Stage =
  | {readonly at: 'first'}
  | {readonly at: 'again'; readonly value: string}
  | {readonly at: 'shown'; readonly value: string; readonly held: string};

/**
 * A new password, typed twice unseen, or made and shown once; one that is in force elsewhere, typed once, since it is tried at
 * once. The value goes to the engine; only its reference leaves here.
 */
export const SecretEntry = ({keep, canGenerate, check, onChange, onDone}: Props) => {
  const {engine, t, lang} = useUi();
  const [stage, setStage] = useState<Stage>({at: 'first'});
  const [reason, setReason] = useState('');
  const change = () => {
    setReason('');
    onChange();
  };

  const first = (value: string) => {
    if (value === '' && keep) {
      return onDone('keep');
    }

    if (value === '' && canGenerate) {
      return setStage({at: 'shown', ...engine.generate()});
    }

    const refusal = check(value);
    if (refusal !== undefined) {
      return setReason(refusal[lang]);
    }

    return canGenerate ? setStage({at: 'again', value}) : onDone({held: engine.hold(value)});
  };

  const again = (value: string) => {
    if (stage.at === 'again' && value === stage.value) {
      return onDone({held: engine.hold(value)});
    }

    setReason(t('passwordsDiffer'));
    return setStage({at: 'first'});
  };

  if (stage.at === 'shown') {
    return <Generated value={stage.value} onDone={() => onDone({held: stage.held})} />;
  }

  return (
    <Box flexDirection="column">
      <Words>{stage.at === 'first' ? t('password') : t('passwordAgain')}</Words>
      <TextInput key={stage.at} masked onChange={change} onSubmit={stage.at === 'first' ? first : again} />
      <Words look={reason === '' ? 'quiet' : 'bad'}>
        {reason !== ''
          ? `! ${reason}`
          : stage.at === 'again'
            ? ' '
            : keep
              ? t('passwordKeep')
              : canGenerate
                ? t('passwordHint')
                : ' '}
      </Words>
    </Box>
  );
};

const Generated = ({value, onDone}: {readonly value: string; readonly onDone: () => void}) => {
  const {t} = useUi();
  useKeys((_input, key) => {
    if (key.return) {
      onDone();
    }
  });
  return (
    <Box flexDirection="column">
      <Words>{t('passwordShown')}</Words>
      <Words look="strong">{`    ${value}`}</Words>
      <Words look="quiet">{t('passwordNoted')}</Words>
    </Box>
  );
};
