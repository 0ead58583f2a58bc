import {directoryServer} from '../helpers/directory-server.js';
import {usualRelease} from '../hosts/host.js';

directoryServer(usualRelease);
