/** Items of a Postfix list: separated by blanks or commas; `{ … }` groups are one item (postconf(5)). */
export const listItems = (value: string): readonly string[] => {
  const items: string[] = [];
  let item = '';
  let depth = 0;
  for (const character of value) {
    depth += character === '{' ? 1 : character === '}' ? -1 : 0;
    if (depth === 0 && /[\s,]/.test(character)) {
      items.push(item);
      item = '';
    } else {
      item += character;
    }
  }

  return [...items, item].filter(part => part !== '');
};

type Neighbours = {readonly before?: readonly string[]; readonly after?: readonly string[]};

/** The list's text with one item more, in its own style of separators. */
export const withItem = (
  items: readonly string[],
  item: string,
  {before, after}: Neighbours,
  style?: string,
) => {
  const first = items.findIndex(other => before?.includes(other));
  const last = items.findLastIndex(other => after?.includes(other));
  const at = last >= 0 ? last + 1 : first >= 0 ? first : items.length;
  return items.toSpliced(at, 0, item).join(separator(style));
};

/** The list's text with one item less. */
export const withoutItem = (items: readonly string[], item: string, style?: string) =>
  items.filter(other => other !== item).join(separator(style));

const separator = (style = '') => (style.includes(',') ? ', ' : ' ');
