export {TextInput} from './text-input.js';
