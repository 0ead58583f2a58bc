import {endingOf, splitLines} from '../../src/config/lines.js';
import type {AllAnswers} from '../../src/core/question.js';
import {uidRangeOf} from './people.js';

// Beyond 16 bits the numbers of nobody would be among those of people.
const nobody = 65_534;

/**
 * The rule that ends Dovecot's PAM stack for everybody who is not a person of this machine, before a password is looked at
 * (pam_succeed_if(8)). `first_valid_uid` alone does not keep root out: it is checked after the login, or, with one owner of
 * all mail, never for the person.
 */
export const pamGate = (all: AllAnswers) => gateOf(uidRangeOf(all));

/** That rule for a range of numbers. */
export const gateOf = ({first, last}: {readonly first: number; readonly last: number}) => {
  const except = last < nobody ? '' : ` uid ne ${nobody}`;
  return `auth requisite pam_succeed_if.so uid >= ${first} uid <= ${last}${except} quiet_success`;
};

const gate =
  /^auth\s+requisite\s+pam_succeed_if\.so\s+uid >= (\d+) uid <= (\d+)(?: uid ne 65534)? quiet_success\s*$/;

/** The stack with the rule before every other rule about passwords; all its other lines stay. */
export const withGate = (text: string, rule: string) => {
  const lines = splitLines(text);
  const there = lines.findIndex(line => gate.test(line));
  const first = lines.findIndex(line => /^\s*(?:-?auth\s|@include\s)/.test(line));
  const fresh = rule + endingOf(text);
  if (there >= 0 && there <= first) {
    return lines.toSpliced(there, 1, fresh).join('');
  }

  const others = lines.filter((_line, at) => at !== there);
  const place = others.findIndex(line => /^\s*(?:-?auth\s|@include\s)/.test(line));
  return others.toSpliced(place < 0 ? others.length : place, 0, fresh).join('');
};

/** Numbers of the users whom the stack lets through; undefined where it has no such rule. */
export const gateThere = (text: string) => {
  const found = splitLines(text)
    .map(line => gate.exec(line))
    .find(match => match !== null);
  return found === undefined || found === null
    ? undefined
    : {first: Number(found[1]), last: Number(found[2])};
};
