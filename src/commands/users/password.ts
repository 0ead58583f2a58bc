import {isSecretRef} from '../../answers/shape.js';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {passwordProblem} from '../../core/password-policy.js';
import {type Secret, type SecretRef, secret} from '../../core/secret.js';
import {fill} from '../../core/text.js';
import type {Machine} from '../../engine/machine.js';
import type {CommandContext} from '../context.js';
import {texts, usage} from './texts.js';

/** The password for an account: made here, read from where the options say, or typed twice. */
export const passwordFor = async (
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
