import {join} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {passwordProblem} from '../core/password-policy.js';
import {type Secret, type SecretRef, secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {isSecretRef} from '../answers/shape.js';
import {type AccountAct, type AccountList, accountList, changeAccount, hashFor} from '../engine/accounts.js';
import type {Machine} from '../engine/machine.js';
import {takeLock} from '../transaction/lock.js';
import {openStore, stateFolder} from '../transaction/store.js';
import {domainsThere} from '../../steps/lib/domains-there.js';
import {addressProblem} from '../../steps/lib/validate.js';
import {confirm} from './confirm.js';
import {type CommandContext, findingLines, needRoot, openMachine} from './context.js';
import {nameOf} from './run.js';
import {refuseUnfinished} from '../transaction/problems.js';

/** `dovetail users list|add|passwd|remove`: accounts of the list that this server keeps. */
export const users = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const [act, name, ...more] = context.args;
  if (act === undefined || !['list', 'add', 'passwd', 'remove'].includes(act) || more.length > 0) {
    throw usage(texts.acts);
  }

  const machine = await openMachine(context);
  const list = accountList(machine.facts);
  if (act === 'list') {
    return printList(context, list);
  }

  if (name === undefined) {
    throw usage(texts.name);
  }

  refuseName(machine, list, act as AccountAct['act'], name);
  const password = act === 'remove' ? undefined : await passwordFor(context, machine, name);
  if (act === 'remove' && !(await confirm(context, fill(texts.remove, {name})))) {
    return exitCode.interrupted;
  }

  const home = act === 'remove' ? await homeOf(machine, name) : undefined;
  const given =
    password === undefined
      ? {}
      : {password: password.value, hashed: await hashFor(machine.system, list, password.value)};
  const findings = await locked(machine, nameOf(context), () =>
    changeAccount(machine.system, list, {act: act as AccountAct['act'], name, ...given}),
  );
  findings.flatMap(finding => findingLines(finding, context.lang)).forEach(line => void context.out(line));
  if (password?.generated === true) {
    // The one place where a password is shown, and only because it was made here and is nowhere else.
    context.out(fill(texts.generated, {password: password.value.reveal()})[context.lang]);
  }

  if (home !== undefined) {
    context.out(fill(texts.kept, {home})[context.lang]);
  }

  return exitCode.done;
};

const printList = ({options, out}: CommandContext, {names}: AccountList) => {
  if (options['json'] === true) {
    out(JSON.stringify(names, null, 2));
  } else {
    names.forEach(out);
  }

  return exitCode.done;
};

const refuseName = ({facts}: Machine, {names}: AccountList, act: AccountAct['act'], name: string) => {
  const there = names.includes(name);
  if (act !== 'add' && !there) {
    throw usage(fill(texts.unknown, {name}));
  }

  if (act !== 'add') {
    return;
  }

  const problem = addressProblem(name);
  if (problem !== undefined) {
    throw usage(problem);
  }

  if (there) {
    throw usage(fill(texts.twice, {name}));
  }

  const domains = domainsThere(facts);
  if (domains.length > 0 && !domains.includes(name.slice(name.indexOf('@') + 1))) {
    throw usage(fill(texts.stranger, {name, domains: domains.join(', ')}));
  }
};

const passwordFor = async (
  {options, lang}: CommandContext,
  {vault}: Machine,
  name: string,
): Promise<{readonly value: Secret; readonly generated: boolean}> => {
  if (options['generate'] === true) {
    return {value: vault.open('generate') ?? secret(''), generated: true};
  }

  const from: unknown = {from: options['password-from']};
  const value = isSecretRef(from)
    ? vault.open(from as SecretRef)
    : secret(await typed(fill(texts.ask, {name})[lang], texts.again[lang]));
  const problem = passwordProblem(value?.reveal() ?? '', name);
  if (value === undefined || problem !== undefined) {
    throw usage(problem ?? texts.name);
  }

  return {value, generated: false};
};

const typed = async (ask: string, again: string): Promise<string> => {
  if (!process.stdin.isTTY) {
    throw usage(texts.noPassword);
  }

  const {default: inquirer} = await import('inquirer');
  const prompt = async (message: string) => {
    try {
      // Without a mask not even the length is shown.
      const {answer} = await inquirer.prompt<{answer: string}>([{type: 'password', name: 'answer', message}]);
      return answer;
    } catch {
      throw new ProblemError({code: exitCode.interrupted, what: texts.stopped, remedy: texts.usage});
    }
  };
  const first = await prompt(ask);
  if ((await prompt(again)) !== first) {
    throw usage(texts.differ);
  }

  return first;
};

const homeOf = async ({system}: Machine, name: string) =>
  (await system.run('/usr/bin/doveadm', ['user', '-f', 'home', '--', name])).stdout.trim() || undefined;

/** How long it is waited for another dovetail, in milliseconds. */
const patience = 60_000;

// Somebody else may be at it for a moment, by hand or with another dovetail: it is tried again before it is given up.
const locked = async <R>({system}: Machine, by: string, use: () => Promise<R>): Promise<R> => {
  openStore(system.files);
  for (const end = Date.now() + patience; ; ) {
    let release: (() => void) | undefined;
    try {
      release = takeLock(join(system.tree, stateFolder, 'lock'), by);
      refuseUnfinished({system});
      return await use();
    } catch (error) {
      const code = error instanceof ProblemError ? error.problem.code : undefined;
      if (Date.now() > end || (code !== exitCode.locked && code !== exitCode.stalePlan)) {
        throw error;
      }
    } finally {
      release?.();
    }

    await new Promise(resolve => setTimeout(resolve, 250));
  }
};

const usage = (what: Text) => new ProblemError({code: exitCode.badAnswers, what, remedy: texts.usage});

const texts = {
  acts: {en: 'Say what to do with accounts.', ja: 'アカウントに対する操作を指定してください。'},
  name: {en: 'Say which account.', ja: 'アカウントを指定してください。'},
  usage: {
    en: 'dovetail users list | add NAME | passwd NAME | remove NAME',
    ja: 'dovetail users list | add 名前 | passwd 名前 | remove 名前',
  },
  unknown: {en: 'There is no account {name}.', ja: 'アカウント {name} はありません。'},
  twice: {en: 'The account {name} is there already.', ja: 'アカウント {name} は既にあります。'},
  stranger: {
    en: '{name} is not in one of the domains of this server ({domains}).',
    ja: '{name} はこのサーバーのドメイン ({domains}) に属していません。',
  },
  ask: {en: 'Password for {name}', ja: '{name} のパスワード'},
  again: {en: 'Once more', ja: 'もう一度'},
  stopped: {en: 'Stopped; nothing was changed.', ja: '中止しました。何も変更していません。'},
  differ: {en: 'The two passwords differ.', ja: '2 つのパスワードが一致しません。'},
  noPassword: {
    en: 'Without a terminal the password comes from “--password-from file:/PATH” or “--generate”.',
    ja: '端末がない場合は「--password-from file:/パス」または「--generate」を指定してください。',
  },
  generated: {en: 'Its password, shown only now: {password}', ja: 'パスワード (今だけ表示): {password}'},
  remove: {en: 'Remove {name}? Its mail is kept.', ja: '{name} を削除しますか? メールは残ります。'},
  kept: {en: 'Its mail is kept in {home}.', ja: 'メールは {home} に残っています。'},
} satisfies Record<string, Text>;
