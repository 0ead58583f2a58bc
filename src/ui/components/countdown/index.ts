export {Countdown} from './countdown.js';
