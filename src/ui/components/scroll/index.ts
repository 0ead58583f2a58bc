export {Scroll} from './scroll.js';
export {scrolled} from './state.js';
