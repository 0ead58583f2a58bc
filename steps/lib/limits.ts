import {listItems} from '../../src/config/list.js';
import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {networkProblem} from './networks.js';
import {settingOf} from './postfix.js';
import {answer} from './read.js';

/** The settings, and what Postfix does without them (postconf(5)). */
export const limitSettings = {
  connection_rate: {name: 'smtpd_client_connection_rate_limit', standard: '0'},
  message_rate: {name: 'smtpd_client_message_rate_limit', standard: '0'},
  time_unit: {name: 'anvil_rate_time_unit', standard: '60s'},
  exceptions: {name: 'smtpd_client_event_limit_exceptions', standard: '$mynetworks'},
  processes: {name: 'default_process_limit', standard: '100'},
  header_size: {name: 'header_size_limit', standard: '102400'},
  free_space: {name: 'queue_minfree', standard: '0'},
} as const;

export type LimitName = keyof typeof limitSettings;

/** A limit as it is now; times in seconds. Undefined where main.cf says it in a way that is no plain number. */
export const numberThere = (name: Exclude<LimitName, 'exceptions'>, facts: Facts): number | undefined => {
  const {name: setting, standard} = limitSettings[name];
  const match = /^(\d{1,9})([smhd]?)$/.exec(settingOf(facts, setting) ?? standard);
  if (match === null || (name !== 'time_unit' && match[2] !== '')) {
    return undefined;
  }

  // anvil_rate_time_unit counts in seconds where it has no unit.
  return Number(match[1]) * ({s: 1, m: 60, h: 3600, d: 86_400}[match[2] ?? ''] ?? 1);
};

/** Clients without limits; undefined where main.cf has items that the question cannot hold. */
export const exceptionsThere = (facts: Facts): readonly string[] | undefined => {
  const items = listItems(
    settingOf(facts, limitSettings.exceptions.name) ?? limitSettings.exceptions.standard,
  );
  return items.every(item => item === '$mynetworks' || networkProblem(item) === undefined)
    ? items
    : undefined;
};

/** Processes that fit into half of the memory: about 10 MiB for a connection with TLS. */
export const fittingProcesses = ({memoryMiB}: Facts) => Math.max(10, Math.floor(memoryMiB / 20));

/** Free space that Postfix needs for one message of the largest size (postconf(5), message_size_limit). */
export const neededSpace = (all: AllAnswers) =>
  Math.ceil(1.5 * (answer<number>(all, 'smtp', 'message_size_limit') ?? 52_428_800));
