import {availableParallelism} from 'node:os';
import {isAbsolute} from 'node:path';
import {type NewAccount, readAccounts} from '../../config/accounts/read.js';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {passwordProblem} from '../../core/password-policy.js';
import {masked} from '../../core/secret.js';
import {fill, literal, type Text} from '../../core/text.js';
import {changeAccounts, hashFor} from '../../engine/accounts/change.js';
import {type AccountList, accountsIn, listText} from '../../engine/accounts/list.js';
import type {Machine} from '../../engine/machine.js';
import {readSecretBytes} from '../../engine/vault.js';
import {confirm} from '../confirm.js';
import {type CommandContext, findingLines, nameOf} from '../context.js';
import {locked} from './locked.js';
import {judgeName} from './name.js';
import {texts as common, usage} from './texts.js';

/** Bytes of a file that is taken in. */
const limit = 64 * 1024 * 1024;
/** Accounts that are shown before it is asked; more are counted. */
const shown = 40;

/** `dovetail users import FILE`: takes accounts of another system in, all of them or none. */
export const importAccounts = async (
  context: CommandContext,
  machine: Machine,
  list: AccountList,
  path: string | undefined,
): Promise<number> => {
  const {out, lang} = context;
  if (path === undefined || !isAbsolute(path)) {
    throw usage(common.fileName);
  }

  const bytes = readSecretBytes(`file:${path}`, limit, texts.tooLong);
  const {accounts, there} = await read(machine, list, path, bytes);
  if (there > 0) {
    out(fill(texts.there, {count: there})[lang]);
  }

  if (accounts.length === 0) {
    out(texts.nothing[lang]);
    return exitCode.done;
  }

  accounts.slice(0, shown).forEach(account => void out(lineOf(account)[lang]));
  if (accounts.length > shown) {
    out(fill(texts.more, {count: accounts.length - shown})[lang]);
  }

  if (context.options['dry-run'] === true) {
    out(texts.dry[lang]);
    return exitCode.pending;
  }

  if (!(await confirm(context, fill(texts.ask, {count: accounts.length})))) {
    return exitCode.interrupted;
  }

  const rows = await rowsFor(context, machine, list, accounts);
  const sample = accounts.find(account => 'password' in account);
  const findings = await locked(machine, nameOf(context), () => {
    const taken = new Set(accountsIn(listText(machine.system.files, list)).map(({name}) => name));
    const faster = rows.find(({name}) => taken.has(name));
    if (faster !== undefined) {
      throw usage(fill(common.twice, {name: faster.name}));
    }

    return changeAccounts(machine.system, list, {
      act: 'import',
      name: path,
      rows,
      ...(sample !== undefined && 'password' in sample
        ? {sample: {name: sample.name, password: sample.password}}
        : {}),
    });
  });
  findings.flatMap(finding => findingLines(finding, lang)).forEach(line => void out(line));
  out(fill(texts.done, {count: rows.length})[lang]);
  return exitCode.done;
};

const read = async ({system, facts}: Machine, list: AccountList, path: string, bytes: Buffer) => {
  const {stdout} = await system.run('/usr/bin/doveadm', ['pw', '-l']);
  // Whoever wrote a name there with capitals meant the same person.
  const names = new Set(accountsIn(listText(system.files, list)).map(({name}) => name.toLowerCase()));
  const found = readAccounts(bytes, {
    has: name => names.has(name),
    nameProblem: judgeName(facts),
    passwordProblem,
    schemes: new Set(stdout.split(/\s+/).filter(Boolean)),
  });
  if (found.ok) {
    return found;
  }

  const lines = found.problems.map(({line, problem}) => ({
    en: `${path}:${line}: ${problem.en}`,
    ja: `${path}:${line}: ${problem.ja}`,
  }));
  const all = [...lines, ...(found.more > 0 ? [fill(texts.moreProblems, {count: found.more})] : [])];
  throw new ProblemError({
    code: exitCode.badAnswers,
    what: fill(texts.bad, {path}),
    cause: {en: all.map(({en}) => en).join('\n'), ja: all.map(({ja}) => ja).join('\n')},
    remedy: texts.badRemedy,
  });
};

const lineOf = (account: NewAccount): Text =>
  'password' in account
    ? fill(texts.hashed, {name: account.name})
    : literal(`+${account.name} ${/\{[^}]+\}/.exec(account.row)?.[0] ?? ''}${masked}`);

// A hash takes a quarter of a second by intent: as many at once as there are processors, and it is said how far it is.
const rowsFor = async (
  {err, lang}: CommandContext,
  {system}: Machine,
  list: AccountList,
  accounts: readonly NewAccount[],
) => {
  const rows = new Map<string, string>();
  const open = accounts.filter(account => 'password' in account);
  let said = Date.now();
  const next = open.values();
  const work = async () => {
    for (const {name, password} of next) {
      rows.set(name, `${name}:${await hashFor(system, list, password)}::::::`);
      if (Date.now() - said > 2000) {
        said = Date.now();
        err(fill(texts.hashing, {done: rows.size, all: open.length})[lang]);
      }
    }
  };
  await Promise.all(Array.from({length: availableParallelism()}, work));
  return accounts.map(account => ({
    name: account.name,
    row: 'row' in account ? account.row : (rows.get(account.name) ?? ''),
  }));
};

const texts = {
  tooLong: {en: 'It is larger than 64 MiB.', ja: '64 MiB を超えています。'},
  there: {
    en: 'There already, and left as they are: {count}.',
    ja: '既にあり、そのままにするもの: {count} 件',
  },
  nothing: {en: 'Nothing to take in.', ja: '取り込むものはありません。'},
  hashed: {en: '+{name} (its password is hashed)', ja: '+{name} (パスワードをハッシュ化)'},
  more: {en: ' … (+{count})', ja: ' … (+{count})'},
  dry: {en: 'Nothing was changed.', ja: '何も変更していません。'},
  ask: {en: 'Take in {count} accounts?', ja: '{count} 件のアカウントを取り込みますか?'},
  hashing: {en: 'Passwords hashed: {done} of {all}', ja: 'ハッシュ化: {all} 件中 {done} 件'},
  done: {en: 'Accounts taken in: {count}.', ja: '取り込んだアカウント: {count} 件'},
  bad: {en: 'The accounts in {path} cannot be taken in.', ja: '{path} のアカウントを取り込めません。'},
  badRemedy: {
    en: 'Correct these lines; nothing was written.',
    ja: 'これらの行を直してください。何も書き込んでいません。',
  },
  moreProblems: {en: '… and {count} more', ja: '… ほか {count} 件'},
} satisfies Record<string, Text>;
