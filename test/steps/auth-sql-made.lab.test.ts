import {databaseMade} from '../helpers/database-made.js';
import {debianFor, usualRelease} from '../hosts/host.js';

databaseMade(debianFor(usualRelease));
