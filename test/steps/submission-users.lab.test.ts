import {provesUsersSend} from '../helpers/sends-by-users.js';
import {usualRelease} from '../hosts/host.js';

provesUsersSend(usualRelease);
