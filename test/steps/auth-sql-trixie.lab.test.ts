import {databaseServer} from '../helpers/database-server.js';

databaseServer('trixie');
