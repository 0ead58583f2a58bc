import {Box} from 'ink';
import {type Plan, planChanges} from '../../core/plan.js';
import {Menu} from '../components/menu/index.js';
import {TextInput} from '../components/text-input/index.js';
import {Words} from '../components/words/index.js';
import {useRoom, useUi} from '../context.js';
import {useKeys} from '../use-keys.js';

/** The last question before the machine is changed; the cursor stands on “no”. */
export const Confirm = ({plan, dryRun}: {readonly plan: Plan; readonly dryRun: boolean}) => {
  const {session, t} = useUi();
  useKeys((_input, key) => {
    if (key.escape) {
      session.dispatch({type: 'decline'});
    }
  });
  return (
    <Box flexDirection="column">
      <Words look="strong">
        {dryRun ? t('confirmDry') : t('confirmTitle', {n: planChanges(plan).length})}
      </Words>
      <Words>{dryRun ? ' ' : t('confirmHint')}</Words>
      <Words> </Words>
      <Menu
        rows={2}
        options={[
          {value: 'decline' as const, label: t('confirmNo')},
          {value: 'confirm' as const, label: t(dryRun ? 'confirmDryYes' : 'confirmYes')},
        ]}
        onChoose={type => session.dispatch({type})}
      />
    </Box>
  );
};

type LeaveOutProps = {
  readonly what: 'leave-out' | 'put-back';
  readonly sections: readonly string[];
  readonly titleOf: (section: string) => string;
  readonly onDone: () => void;
};

/** Which section to plan without, or with again. */
export const LeaveOut = ({what, sections, titleOf, onDone}: LeaveOutProps) => {
  const {session, t} = useUi();
  const {rows} = useRoom();
  useKeys((_input, key) => {
    if (key.escape) {
      onDone();
    }
  });
  return (
    <Box flexDirection="column">
      <Words look="strong">{what === 'leave-out' ? t('leaveOut') : t('putBack')}</Words>
      <Words>{what === 'leave-out' ? t('leaveOutHint') : ' '}</Words>
      <Words> </Words>
      <Menu
        rows={rows - 3}
        options={sections.map(section => ({value: section, label: titleOf(section)}))}
        onChoose={section => {
          onDone();
          session.dispatch({type: what, section});
        }}
      />
    </Box>
  );
};

/** Where the text of the review is saved. */
export const SaveDiff = ({onDone}: {readonly onDone: () => void}) => {
  const {session, t} = useUi();
  useKeys((_input, key) => {
    if (key.escape) {
      onDone();
    }
  });
  return (
    <Box flexDirection="column">
      <Words look="strong">{t('saveTo')}</Words>
      <TextInput
        initial="/root/dovetail.diff"
        onSubmit={path => {
          onDone();
          if (path.trim() !== '') {
            session.dispatch({type: 'save-diff', path: path.trim()});
          }
        }}
      />
    </Box>
  );
};
