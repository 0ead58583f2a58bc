/** How far one side of a pair is: undone or never done; applied and proved, counting down; for good; or nobody can say. */
export type SideState = 'absent' | 'waiting' | 'kept' | 'unknown';

/** What finishes a pair, in order. `tell`: it cannot be known from here. */
export type PairAct = 'confirm-there' | 'confirm-here' | 'undo-there' | 'undo-here' | 'tell';

/**
 * What finishes a pair from where it was left. The partner is confirmed first, and only a proved pair is: this side is applied last, so
 * that one that waits here was proved with its partner. Whatever cannot be both goes back on both.
 */
export const decide = (here: SideState, there: SideState): readonly PairAct[] => {
  if (here === 'unknown' || there === 'unknown') {
    return ['tell'];
  }

  if (here === 'absent') {
    return there === 'absent' ? [] : ['undo-there'];
  }

  if (there === 'absent') {
    return ['undo-here'];
  }

  return [
    ...(there === 'waiting' ? (['confirm-there'] as const) : []),
    ...(here === 'waiting' ? (['confirm-here'] as const) : []),
  ];
};
