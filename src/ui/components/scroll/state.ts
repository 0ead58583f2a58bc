/** Where the window goes for a scrolling key; undefined where the key is none. */
export const scrolled = (
  {top, all, rows}: {readonly top: number; readonly all: number; readonly rows: number},
  key: {
    readonly upArrow: boolean;
    readonly downArrow: boolean;
    readonly pageUp: boolean;
    readonly pageDown: boolean;
    readonly home: boolean;
    readonly end: boolean;
  },
): number | undefined => {
  const last = Math.max(0, all - rows);
  const page = Math.max(1, rows - 1);
  const to = key.upArrow
    ? top - 1
    : key.downArrow
      ? top + 1
      : key.pageUp
        ? top - page
        : key.pageDown
          ? top + page
          : key.home
            ? 0
            : key.end
              ? last
              : undefined;
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
};
