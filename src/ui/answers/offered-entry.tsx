import {Box} from 'ink';
import {type ReactNode, useEffect, useState} from 'react';
import type {Looked, Question} from '../../core/question.js';
import {visibleLine} from '../../core/text.js';
import {contextOf, type Detected, effectiveValue, refusalOf} from '../../session/places.js';
import type {Place} from '../../session/state.js';
import {Countdown} from '../components/countdown/index.js';
import {Menu} from '../components/menu/index.js';
import {Words} from '../components/words/index.js';
import {useUi} from '../context.js';

type Props = {
  readonly state: Detected;
  readonly place: Place;
  readonly question: Extract<Question, {kind: 'text'}>;
  /** Rows that the entry may take. */
  readonly rows: number;
  readonly onSubmit: (value: string) => void;
  /** Where something else is typed. */
  readonly children: ReactNode;
};

/** A text that is chosen from what was found in the world; where nothing was, or something else is meant, it is typed. */
export const OfferedEntry = ({state, place, question, rows, onSubmit, children}: Props) => {
  const {engine, t, lang} = useUi();
  const [look] = useState(() => question.offers?.(contextOf(state)));
  const [looked, setLooked] = useState<Looked>();
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    let gone = false;
    if (look !== undefined) {
      void engine.look(look).then(seen => gone || setLooked(seen));
    }

    return () => {
      gone = true;
    };
  }, [engine, look]);

  if (look === undefined || typing) {
    return children;
  }

  if (looked === undefined) {
    return <Countdown>{t('looking')}</Countdown>;
  }

  if (looked.kind === 'nothing') {
    return (
      <Box flexDirection="column">
        <Words look="careful" wrap="truncate-end">
          {looked.finding.summary[lang]}
        </Words>
        {children}
      </Box>
    );
  }

  const refused = (value: string) => refusalOf(state, place, value)?.[lang];
  const options = [
    ...looked.offers.map(({value, hint}) => ({
      value: value as string | undefined,
      label: visibleLine(value, 64),
      hint: hint === undefined ? undefined : visibleLine(hint, 200),
      unavailable: refused(value),
    })),
    ...(refused('') === undefined
      ? [{value: '', label: t('offerNone'), hint: undefined, unavailable: undefined}]
      : []),
    {value: undefined, label: t('offerOther'), hint: undefined, unavailable: undefined},
  ];
  const present = effectiveValue(state, place);
  return (
    <Menu
      rows={rows}
      initial={Math.max(
        0,
        options.findIndex(({value}) => value !== undefined && value === present),
      )}
      options={options}
      onChoose={value => (value === undefined ? setTyping(true) : onSubmit(value))}
    />
  );
};
