import {type Lang, visibleLine} from '../core/text.js';
import {type Detected, flowOf, stepOf} from '../session/places.js';
import {placeKey} from '../session/state.js';
import {widthOf} from '../core/width.js';

/** The sections of the flow on one line, with where we are; cut on the left as far as needed to show the present one. */
export const progressLine = (state: Detected, lang: Lang, columns: number): string => {
  const {screen} = state;
  const flow = flowOf(state);
  const sections = [...new Set(flow.map(({section}) => section))];
  const current = screen.at === 'question' ? screen.place.section : undefined;
  const at = current === undefined ? sections.length : sections.indexOf(current);
  if (at < 0) {
    return visibleLine(stepOf(state, current ?? '')?.title[lang] ?? '');
  }

  const parts = sections.map((section, index) => {
    const mark = index < at ? '✓' : index === at ? '▸' : '·';
    return `${mark} ${visibleLine(stepOf(state, section)?.title[lang] ?? section)}`;
  });
  let from = 0;
  while (from < at && widthOf(parts.slice(from, at + 2).join('  ')) > columns - 2) {
    from += 1;
  }

  return `${from > 0 ? '… ' : ''}${parts.slice(from).join('  ')}`;
};

/** Which question of how many, and which section of how many. */
export const positionOf = (state: Detected) => {
  const flow = flowOf(state);
  const {screen} = state;
  const n =
    screen.at === 'question' ? flow.findIndex(place => placeKey(place) === placeKey(screen.place)) + 1 : 0;
  return {n, m: flow.length};
};
