import type {Placed} from '../../core/edit.js';
import type {Text} from '../../core/text.js';

/** Where one edit landed, before it is known whose it was. Lines count from 1; 0: no line of its own. */
export type Landed = {
  readonly file: string;
  readonly line: number;
  readonly how: Placed<never>['how'];
  readonly note?: Text;
};

/** An edit that cannot be made, and why. */
export type Stopped = {readonly reason: Text};

export type Write = (file: string, text: string) => void;
