import {databaseMade} from '../helpers/database-made.js';

databaseMade('trixie');
