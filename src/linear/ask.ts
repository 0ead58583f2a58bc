import type {AccountAnswer, Question} from '../core/question.js';
import type {SecretRef} from '../core/secret.js';
import {type Lang, visibleLine} from '../core/text.js';
import type {Translate} from '../i18n/index.js';
import type {Engine} from '../session/engine.js';
import {contextOf, type Detected, effectiveValue, refusalOf} from '../session/places.js';
import {type Place, placeKey} from '../session/state.js';
import {choicesOf, parseTyped, typedText} from '../session/values.js';
import {askOffered} from './ask-offered.js';
import {askRows} from './ask-rows.js';
import type {Prompter, Reply} from './prompter.js';

export type Asking = {
  readonly engine: Engine;
  readonly prompter: Prompter;
  readonly say: (line?: string) => void;
  readonly t: Translate;
  readonly lang: Lang;
};

/** Asks for the value of one question, in the way of its kind. A secret goes to the engine at once; only its reference comes back. */
export const askValue = async (
  asking: Asking,
  state: Detected,
  place: Place,
  question: Question,
): Promise<Reply<unknown>> => {
  const {prompter, t, lang} = asking;
  const message = question.ask[lang];
  const present = effectiveValue(state, place);
  switch (question.kind) {
    case 'yes-no':
      return prompter.choose({
        message,
        options: [
          {value: true, label: t('yes')},
          {value: false, label: t('no')},
        ],
        ...(typeof present === 'boolean' ? {initial: present} : {}),
      });
    case 'select':
      return prompter.choose({
        message,
        options: optionsOf(question, state, lang),
        ...(typeof present === 'string' ? {initial: present} : {}),
      });
    case 'multi':
      return prompter.tick({
        message,
        options: optionsOf(question, state, lang),
        initial: (present ?? []) as readonly string[],
      });
    case 'secret':
      return askSecret(asking, {
        message,
        keep: present === 'keep',
        canGenerate: question.canGenerate,
        check: value => question.validateSecret?.(value, contextOf(state)),
      });
    case 'accounts':
      return askAccounts(asking, state, place, question);
    case 'rows':
      return askRows(asking, state, place, question);
    case 'text': {
      const offered = await askOffered(asking, state, place, question);
      return offered ?? askTyped(asking, state, place, question);
    }

    default:
      return askTyped(asking, state, place, question);
  }
};

const askTyped = async (
  asking: Asking,
  state: Detected,
  place: Place,
  question: Question,
): Promise<Reply<unknown>> => {
  const {prompter, say, lang} = asking;
  for (;;) {
    const reply = await prompter.text({
      message: question.ask[lang],
      initial: typedText(question, effectiveValue(state, place)),
    });
    if (!('value' in reply)) {
      return reply;
    }

    const parsed = parseTyped(question, reply.value);
    if ('value' in parsed) {
      return parsed;
    }

    say(`! ${parsed.reason[lang]}`);
  }
};
type SecretPrompt = {
  readonly message: string;
  /** Empty means that what the machine has stays. */
  readonly keep: boolean;
  readonly canGenerate: boolean;
  readonly check: (value: string) => {readonly en: string; readonly ja: string} | undefined;
};

// A new one is typed twice, since nobody sees it; one that is in force elsewhere is tried at once. A generated one is shown once,
// here and nowhere else.
const askSecret = async (asking: Asking, prompt: SecretPrompt): Promise<Reply<SecretRef>> => {
  const {engine, prompter, say, t, lang} = asking;
  for (;;) {
    say(prompt.keep ? t('passwordKeep') : prompt.canGenerate ? t('passwordHint') : '');
    const reply = await prompter.secret({message: prompt.message});
    if (!('value' in reply)) {
      return reply;
    }

    if (reply.value === '' && prompt.keep) {
      return {value: 'keep'};
    }

    if (reply.value === '' && prompt.canGenerate) {
      const {held, value} = engine.generate();
      say(t('passwordShown'));
      say(`    ${value}`);
      return {value: {held}};
    }

    const reason = prompt.check(reply.value);
    if (reason !== undefined) {
      say(`! ${reason[lang]}`);
      continue;
    }

    if (!prompt.canGenerate) {
      return {value: {held: engine.hold(reply.value)}};
    }

    const again = await prompter.secret({message: t('passwordAgain')});
    if (!('value' in again)) {
      return again;
    }

    if (again.value === reply.value) {
      return {value: {held: engine.hold(reply.value)}};
    }

    say(`! ${t('passwordsDiffer')}`);
  }
};

const askAccounts = async (
  asking: Asking,
  state: Detected,
  place: Place,
  question: Extract<Question, {kind: 'accounts'}>,
): Promise<Reply<readonly AccountAnswer[]>> => {
  const {prompter, say, t, lang} = asking;
  let accounts = (effectiveValue(state, place) ?? []) as readonly AccountAnswer[];
  const drafts = [...(state.drafts[placeKey(place)] ?? [])];
  const label = question.nameLabel?.[lang] ?? t('mailAddress');
  say(question.ask[lang]);
  for (;;) {
    for (const {name} of accounts) {
      say(`  - ${visibleLine(name)}`);
    }

    const draft = drafts.shift();
    const name = await prompter.text({
      message: accounts.length === 0 ? label : `${label} – ${t('addAnother')}`,
      ...(draft === undefined ? {} : {initial: draft}),
    });
    if (!('value' in name)) {
      return name;
    }

    const address = name.value.trim();
    if (address === '' && accounts.length > 0) {
      return {value: accounts};
    }

    const reason =
      address === ''
        ? undefined
        : refusalOf(state, place, [...accounts, {name: address, password: 'generate'}]);
    if (address === '' || reason !== undefined) {
      say(`! ${reason?.[lang] ?? t('noAccounts')}`);
      continue;
    }

    const password = await askSecret(asking, {
      message: `${t('password')} (${visibleLine(address)})`,
      keep: false,
      canGenerate: true,
      check: value => question.validateSecret?.(value, contextOf(state), address),
    });
    if (!('value' in password)) {
      return password;
    }

    accounts = [...accounts, {name: address, password: password.value}];
  }
};

const optionsOf = (question: Extract<Question, {kind: 'select' | 'multi'}>, state: Detected, lang: Lang) =>
  choicesOf(question, contextOf(state)).map(({value, label, hint, unavailable}) => ({
    value,
    label: hint === undefined ? label[lang] : `${label[lang]} – ${hint[lang]}`,
    ...(unavailable === undefined ? {} : {unavailable: unavailable[lang]}),
  }));
