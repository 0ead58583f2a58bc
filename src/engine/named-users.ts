import type {Facts} from '../core/facts.js';
import type {AllAnswers} from '../core/question.js';
import {usersNamed, withOthers} from '../detect/users.js';
import type {System} from '../system/types.js';
import {systemAccountsOf} from '../../steps/lib/people.js';
import {mailUserOf} from '../../steps/lib/read.js';

/**
 * The facts with the users that answers name and that only another source than passwd(5) knows: SSSD and its kin tell of a user when
 * asked by name, and list nobody. Without it an account that is there would be made.
 */
export const withNamedUsers = async (system: System, facts: Facts, answers: AllAnswers): Promise<Facts> => {
  const known = new Set(facts.users.map(({name}) => name));
  const names = [...systemAccountsOf(answers).map(({name}) => name), mailUserOf(answers)].filter(
    name => !known.has(name),
  );
  const found = system.ground === 'machine' && names.length > 0 ? await usersNamed(system, names) : [];
  return found === undefined || found.length === 0
    ? facts
    : {...facts, users: withOthers(facts.users, found)};
};
