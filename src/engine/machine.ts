import type {Facts} from '../core/facts.js';
import type {Platform} from '../core/platform.js';
import type {System} from '../system/types.js';
import type {Vault} from './vault.js';

/** The machine that a command works on: what it is, and the secrets of this process. */
export type Machine = {
  readonly system: System;
  readonly facts: Facts;
  readonly platform: Platform;
  readonly vault: Vault;
};
