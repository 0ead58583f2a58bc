import {isLocked} from '../../config/accounts/lock.js';
import {exitCode} from '../../core/exit-code.js';
import {fill} from '../../core/text.js';
import {changeAccounts, hashFor} from '../../engine/accounts/change.js';
import {type AccountList, accountList, accountsIn, listText, rowOf} from '../../engine/accounts/list.js';
import {endSessions} from '../../engine/accounts/sessions.js';
import type {Machine} from '../../engine/machine.js';
import {confirm} from '../confirm.js';
import {type CommandContext, findingLines, nameOf, needRoot, openMachine} from '../context.js';
import {importAccounts} from './import.js';
import {locked} from './locked.js';
import {judgeName} from './name.js';
import {passwordFor} from './password.js';
import {texts, usage} from './texts.js';

const acts = ['add', 'passwd', 'disable', 'enable', 'remove'] as const;
type Act = (typeof acts)[number];

/** `dovetail users list|add|passwd|disable|enable|remove|import`: accounts of the list that this server keeps. */
export const users = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const [word, name, ...more] = context.args;
  const act = acts.find(each => each === word);
  if ((act === undefined && word !== 'list' && word !== 'import') || more.length > 0) {
    throw usage(texts.acts);
  }

  // The list is looked at for itself, and anew under the lock.
  const machine = await openMachine(context, {large: false});
  const list = accountList(machine.facts, machine.system.files);
  if (word === 'list') {
    return printList(context, machine, list, name);
  }

  if (word === 'import') {
    return importAccounts(context, machine, list, name);
  }

  if (act === undefined || name === undefined) {
    throw usage(texts.name);
  }

  return changeOne(context, machine, list, act, name);
};

const printList = (
  {options, out, lang}: CommandContext,
  {system}: Machine,
  list: AccountList,
  domain?: string,
) => {
  const accounts = accountsIn(listText(system.files, list), domain?.toLowerCase());
  if (options['json'] === true) {
    out(JSON.stringify(accounts, null, 2));
  } else if (accounts.length > 0) {
    // One text: a line each would be as many writes.
    out(accounts.map(({name, disabled}) => (disabled ? `${name}  (${texts.off[lang]})` : name)).join('\n'));
  }

  return exitCode.done;
};

const changeOne = async (
  context: CommandContext,
  machine: Machine,
  list: AccountList,
  act: Act,
  name: string,
): Promise<number> => {
  refuse(machine, list, act, name);
  const hasPassword = act === 'add' || act === 'passwd';
  const password = hasPassword ? await passwordFor(context, machine, name) : undefined;
  if (act === 'remove' && !(await confirm(context, fill(texts.remove, {name})))) {
    return exitCode.interrupted;
  }

  const home = act === 'remove' ? await homeOf(machine, name) : undefined;
  const hashed = password === undefined ? undefined : await hashFor(machine.system, list, password.value);
  const findings = await locked(machine, nameOf(context), () => {
    // Another dovetail may have been faster.
    refuse(machine, list, act, name);
    return changeAccounts(
      machine.system,
      list,
      (act === 'add' || act === 'passwd') && password !== undefined && hashed !== undefined
        ? {act, name, password: password.value, hashed}
        : {act: act as Exclude<Act, 'add' | 'passwd'>, name},
    );
  });
  const ended = act === 'disable' || act === 'remove' ? await endSessions(machine.system, name) : 0;
  findings.flatMap(finding => findingLines(finding, context.lang)).forEach(line => void context.out(line));
  const said = [
    // The one place where a password is shown, and only because it was made here and is nowhere else.
    ...(password?.generated === true ? [fill(texts.generated, {password: password.value.reveal()})] : []),
    ...(home === undefined ? [] : [fill(texts.kept, {home})]),
    ...(ended === 0 ? [] : [fill(texts.ended, {count: ended})]),
  ];
  said.forEach(text => void context.out(text[context.lang]));
  return exitCode.done;
};

const refuse = (machine: Machine, list: AccountList, act: Act, name: string) => {
  const row = rowOf(machine.system.files, list, name);
  if (act === 'add') {
    const problem = judgeName(machine.facts)(name);
    if (problem !== undefined || row !== undefined) {
      throw usage(problem ?? fill(texts.twice, {name}));
    }

    return;
  }

  const isOff = row !== undefined && isLocked(row);
  const problem =
    row === undefined
      ? texts.unknown
      : act === 'passwd' && isOff
        ? texts.disabled
        : act === 'disable' && isOff
          ? texts.already
          : act === 'enable' && !isOff
            ? texts.notDisabled
            : undefined;
  if (problem !== undefined) {
    throw usage(fill(problem, {name}));
  }
};

const homeOf = async ({system}: Machine, name: string) =>
  (await system.run('/usr/bin/doveadm', ['user', '-f', 'home', '--', name])).stdout.trim() || undefined;
