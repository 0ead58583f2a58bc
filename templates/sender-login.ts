/** Who may send as whom, as regexp_table(5) has it: one pattern and its login name a line. */
export const senderLogin = (patterns: readonly string[]) =>
  [
    '# Who may send as whom: the left side is the sender, the right side the login name.',
    ...patterns,
    '',
  ].join('\n');
