/** Which sections of a run may change something. */
export type Scope = {
  /** The sections that were asked for; none: all. */
  readonly named: readonly string[];
  /** What the admin left out in the review. */
  readonly leftOut: readonly string[];
};

/** Whether a section plans because it was asked for. */
export const isChosen = ({named, leftOut}: Scope, section: string): boolean =>
  !leftOut.includes(section) && (named.length === 0 || named.includes(section));

/** Whether a section may plan what answers of others mean for it, though nobody asked for it. */
export const mayFollow = (scope: Scope, section: string): boolean =>
  !scope.leftOut.includes(section) && !isChosen(scope, section);
