/** One setting, or one row, in three texts of a file; undefined where it is not in one. */
export type ThreeWay = {
  readonly name: string;
  readonly before: string | undefined;
  readonly ours: string | undefined;
  readonly now: string | undefined;
};

/** Settings that are not as we left them, with what they were before us, what we wrote, and what they are now. */
export const threeVersions = (before: string, ours: string, now: string): readonly ThreeWay[] => {
  const [was, wrote, is] = [settingsIn(before), settingsIn(ours), settingsIn(now)];
  return [...new Set([...wrote.keys(), ...is.keys()])]
    .filter(name => wrote.get(name) !== is.get(name))
    .map(name => ({name, before: was.get(name), ours: wrote.get(name), now: is.get(name)}));
};

// Lines by name, with the blocks that they stand in; comments say nothing to a daemon. What has no `=` is named by its first word.
const settingsIn = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const blocks: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#')) {
      continue;
    }

    if (bare === '}') {
      blocks.pop();
    } else if (bare.endsWith('{')) {
      blocks.push(bare.slice(0, -1).trim());
    } else {
      const [, first = bare, value = ''] = /^([^\s=]+)\s*=?\s*(.*)$/.exec(bare) ?? [];
      const name = [...blocks, first].join(' / ');
      const known = found.get(name);
      found.set(name, known === undefined ? value : `${known}; ${value}`);
    }
  }

  return found;
};
