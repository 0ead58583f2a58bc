import {visibleLine} from '../core/text.js';
import {isDetected} from '../session/places.js';
import {findingLines} from '../session/review-lines.js';
import type {Linear} from './steering.js';

/** What was found, and where to begin. */
export const startScreen = async (linear: Linear) => {
  const {session, prompter, say, t, lang} = linear;
  const state = session.state();
  if (!isDetected(state)) {
    return;
  }

  const {facts, unfinished, resumable} = state.scene;
  say(`${t('system')}: ${visibleLine(facts.os.name)}, ${visibleLine(facts.host.fqdn ?? facts.host.name)}`);
  say(
    `Dovecot: ${facts.dovecot?.version ?? t('notInstalled')}; Postfix: ${facts.postfix?.version ?? t('notInstalled')}`,
  );
  for (const finding of facts.findings) {
    findingLines(finding, lang).forEach(({text}) => void say(text));
  }

  if (unfinished !== undefined) {
    say(`! ${t('unfinished', {when: unfinished.when, id: unfinished.id})}`);
  }

  const reply = await prompter.choose({
    message: t('chooseHint'),
    options:
      unfinished === undefined
        ? [
            ...(resumable === undefined ? [] : [{value: 'resume', label: t('resume')}]),
            {value: 'begin', label: resumable === undefined ? t('begin') : t('startOver')},
            {value: 'quit', label: t('quit')},
          ]
        : [
            ...(session.state().request.dryRun ? [] : [{value: 'recover', label: t('recover')}]),
            {value: 'quit', label: t('quit')},
          ],
    initial: unfinished === undefined ? (resumable === undefined ? 'begin' : 'resume') : 'recover',
  });
  const choice = 'value' in reply ? reply.value : 'quit';
  session.dispatch(
    choice === 'recover'
      ? {type: 'recover'}
      : choice === 'quit'
        ? {type: 'leave', save: true}
        : {type: 'begin', resume: choice === 'resume'},
  );
};
