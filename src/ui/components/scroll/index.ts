export {Scroll} from './scroll.js';
export {fitted, scrolled} from './state.js';
