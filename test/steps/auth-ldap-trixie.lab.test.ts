import {directoryServer} from '../helpers/directory-server.js';

directoryServer('trixie');
