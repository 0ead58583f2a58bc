import {modelTests} from '../helpers/model-tests.js';

modelTests('failed proof');
