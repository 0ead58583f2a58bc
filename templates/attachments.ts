/**
 * What refuses attachments by the ending of their names (header_checks(5), regexp_table(5)). It is asked of the headers of each part; a
 * name may be quoted, numbered or have its dot encoded (RFC 2231), and blanks or dots behind it do not hide its ending.
 */
export const attachmentRules = (
  endings: readonly string[],
) => `# Attachments that run as programs where they are opened. Written by dovetail.
/^Content-(Type|Disposition):.*name(\\*[0-9]*\\*?)?[[:space:]]*=[[:space:]]*"?[^";]*(\\.|%2e)(${endings.join('|')})[[:space:].]*"?[[:space:]]*(;|$)/ REJECT 5.7.1 Attachments whose name ends in .$4 are not accepted here
`;

/** Endings that such rules are about; undefined where somebody wrote other rules. */
export const endingsIn = (text: string): readonly string[] | undefined =>
  /\(\\\.\|%2e\)\(([a-z0-9|]+)\)\[\[:space:\]\.\]\*/.exec(text)?.[1]?.split('|');
