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

/** Restrictions that name a table, a list or a server next to them, or that only warn of the one after them (postconf(5)). */
const withArgument =
  /^(?:check_\w+_access|check_policy_service|reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client|sleep|warn_if_reject)$/;

/** Items of a list of restrictions: a rule together with what it is about, such as `check_client_access hash:/etc/postfix/x`. */
export const restrictionItems = (value: string): readonly string[] => {
  const rules: string[] = [];
  let open = false;
  for (const item of listItems(value)) {
    const last = rules.length - 1;
    if (open && last >= 0) {
      rules[last] = `${rules[last]} ${item}`;
    } else {
      rules.push(item);
    }

    open = withArgument.test(item);
  }

  return rules;
};

/** The items of a setting that is a list: of restrictions, or of words. */
export const itemsOfSetting = (key: string, value: string) =>
  /_restrictions$/.test(key) ? restrictionItems(value) : listItems(value);

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
