export {type Look, Words} from './words.js';
