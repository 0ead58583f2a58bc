/**
 * Passwords with every kind of character that a dialect, a file, a query or a protocol treats in a way of its own. Each is good
 * enough, and the last is as long as bcrypt reads (crypt(5)): 72 bytes.
 */
export const oddPasswords: readonly string[] = [
  '  blanks at both ends  ',
  '"double" \'single\' `back`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not be taken for anybody’s own syntax.
  '$dollar ${brace} $(id) $1$',
  '%u %{user} %% {env:HOME}',
  ':a:colon:at:both:ends:',
  'back\\slash \\n \\" \\\\',
  '#;,=<>|&*?~^[](){}!/+-_.@',
  "'; DROP TABLE users; --",
  'grüß 日本語 пароль ñ',
  `${'0123456789'.repeat(7)}é`,
];

/** Twice on two lines: what `doveadm pw` asks for. */
export const typedTwice = (password: string) => `${password}\n${password}\n`;
