import {createContext, useContext} from 'react';
import type {Lang} from '../core/text.js';
import type {Translate} from '../i18n/index.js';
import type {Engine} from '../session/engine.js';
import type {Session} from '../session/runner.js';

/** What every component may use; made once by `runTui`. */
export type Ui = {
  readonly engine: Engine;
  readonly session: Session;
  readonly t: Translate;
  readonly lang: Lang;
  readonly color: boolean;
  /** False where the locale is not UTF-8: everything is shown in ASCII. */
  readonly unicode: boolean;
};

export const UiContext = createContext<Ui | undefined>(undefined);

export const useUi = (): Ui => {
  const ui = useContext(UiContext);
  if (ui === undefined) {
    throw new Error('useUi needs a UiContext');
  }

  return ui;
};

/** Room for a screen's body, in cells; header and footer are outside. */
export type Room = {readonly columns: number; readonly rows: number};

export const RoomContext = createContext<Room>({columns: 80, rows: 18});

export const useRoom = (): Room => useContext(RoomContext);

/** Whether keys are for this part of the screen; false while a question to the admin lies above it. */
export const ActiveContext = createContext(true);

export const useActive = (): boolean => useContext(ActiveContext);
