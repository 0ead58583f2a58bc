/** A screen with its colours (text with SGR sequences, ECMA-48 8.3.117) as an SVG; sizes in pixels. */
export function svgOf(painted, {columns, rows}) {
  const cell = {width: 8.4, height: 18};
  const margin = 16;
  const bar = 30;
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = bar + rows * cell.height + 2 * margin;
  const lines = linesOf(painted)
    .slice(0, rows)
    .flatMap((runs, row) => runs.map(run => words(run, row)));
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, n) => `<circle cx="${20 + n * 20}" cy="16" r="6" fill="${colour}"/>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The wizard of dovetail in a terminal">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    ...dots,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">',
    ...lines,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;

  // textLength holds the columns, whatever font the reader has.
  function words({text, at, cells, look}, row) {
    const x = (margin + at * cell.width).toFixed(1);
    const y = bar + margin + row * cell.height;
    const length = (cells * cell.width).toFixed(1);
    const front = look.inverse ? ground : (look.front ?? plain);
    const back = look.inverse ? (look.front ?? plain) : look.back;
    const box =
      back === undefined
        ? ''
        : `<rect x="${x}" y="${y}" width="${length}" height="${cell.height}" fill="${back}"/>`;
    const style = `${look.bold ? ' font-weight="bold"' : ''}${look.dim ? ' opacity="0.6"' : ''}`;
    return `${box}<text x="${x}" y="${y + 13.5}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${front}"${style} xml:space="preserve">${escaped(text)}</text>`;
  }
}

const ground = '#16181d';
const plain = '#d7dae0';
/** The sixteen colours of a terminal, as shown. */
const palette = [
  ...['#3b4048', '#e06c75', '#8fc379', '#e5c07b', '#6cb2f0', '#c78bdd', '#5fc1cc', '#d7dae0'],
  ...['#7f8694', '#f08a92', '#a8d995', '#f0d49b', '#8fc8fa', '#d9a9ea', '#83d6df', '#ffffff'],
];

// Runs of the same look; a run begins at a column and takes so many cells. Blank runs need no words.
function linesOf(painted) {
  let look = {};
  return painted.split('\n').map(line => {
    const runs = [];
    let at = 0;
    for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
      const sgr = /^\u001b\[([\d;]*)m$/.exec(part);
      if (sgr === null) {
        const cells = [...part].reduce((sum, letter) => sum + widthOf(letter), 0);
        if (part.trim() !== '' || look.inverse || (look.back !== undefined && cells > 0)) {
          const blank = part.length - part.trimStart().length;
          const from = look.inverse || look.back !== undefined ? 0 : blank;
          runs.push({text: part.slice(from), at: at + from, cells: cells - from, look});
        }

        at += cells;
      } else {
        look = told(look, (sgr[1] === '' ? '0' : sgr[1]).split(';').map(Number));
      }
    }

    return runs;
  });
}

function told(before, codes) {
  let look = {...before};
  for (let n = 0; n < codes.length; n += 1) {
    const code = codes[n];
    if (code === 0) {
      look = {};
    } else if (code === 1) {
      look.bold = true;
    } else if (code === 2) {
      look.dim = true;
    } else if (code === 7) {
      look.inverse = true;
    } else if (code === 22) {
      look.bold = false;
      look.dim = false;
    } else if (code === 27) {
      look.inverse = false;
    } else if (code === 39) {
      delete look.front;
    } else if (code === 49) {
      delete look.back;
    } else if (code === 38 || code === 48) {
      look[code === 38 ? 'front' : 'back'] = indexed(codes[n + 2] ?? 7);
      n += 2;
    } else {
      const [from, key, bright] =
        code >= 100
          ? [100, 'back', 8]
          : code >= 90
            ? [90, 'front', 8]
            : code >= 40
              ? [40, 'back', 0]
              : [30, 'front', 0];
      if (code >= 30) {
        look[key] = palette[code - from + bright];
      }
    }
  }

  return look;
}

// xterm's table of 256: sixteen named, a cube of 6 × 6 × 6, 24 greys.
function indexed(n) {
  if (n < 16) {
    return palette[n];
  }

  const levels = [0, 95, 135, 175, 215, 255];
  const rgb =
    n >= 232
      ? Array.from({length: 3}, () => 8 + (n - 232) * 10)
      : [36, 6, 1].map(step => levels[Math.floor((n - 16) / step) % 6]);
  return `#${rgb.map(level => level.toString(16).padStart(2, '0')).join('')}`;
}

function widthOf(letter) {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
    letter,
  )
    ? 2
    : 1;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
