/** Words for a terminal that cannot show more than ASCII: typographic characters by their nearest, the rest as `?`. */
export const toAscii = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e\n]/gu, character => nearest[character] ?? '?');

const nearest: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '−': '-',
  '×': 'x',
  '·': '|',
  '•': '*',
  '“': '"',
  '”': '"',
  '„': '"',
  '‘': "'",
  '’': "'",
  '→': '->',
  '←': '<-',
  '↑': 'Up/',
  '↓': 'Down',
  '≥': '>=',
  '≤': '<=',
  '✓': 'v',
  '▸': '>',
  '❯': '>',
  '─': '-',
  '█': '#',
  '░': '.',
  '␊': '\\n',
  '⟨': '<',
  '⟩': '>',
};
