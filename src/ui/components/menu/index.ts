export {Menu} from './menu.js';
export {type MenuOption, windowAround} from './state.js';
