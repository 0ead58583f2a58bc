import {provesUsersSend} from '../helpers/sends-by-users.js';

provesUsersSend('bookworm');
