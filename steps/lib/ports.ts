import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {answer} from './read.js';

/** Whether dovetail may open and close ports of the firewall. */
export const isFirewallManaged = (all: AllAnswers) => answer<boolean>(all, 'firewall', 'manage') ?? true;

/** A port that must be reachable, or must not; nothing where the firewall is somebody else's. */
export const port = (all: AllAnswers, number: number, state: 'present' | 'absent'): readonly Want[] =>
  isFirewallManaged(all) ? [{kind: 'port', port: number, protocol: 'tcp', state}] : [];
