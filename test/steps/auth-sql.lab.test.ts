import {databaseServer} from '../helpers/database-server.js';
import {usualRelease} from '../hosts/host.js';

databaseServer(usualRelease);
