import {finishedScreen, problemScreen} from './ending.js';
import {decidedScreen, planningScreen, refusedScreen} from './plan.js';
import {questionScreen} from './question.js';
import {reviewScreen} from './review.js';
import {followRun} from './run.js';
import {startScreen} from './start.js';
import {type At, leftScreen, type Linear} from './steering.js';

/** One screen is one round: what it is gets printed, something is asked, an action is sent. */
export const screens: Readonly<Record<At, (linear: Linear) => Promise<void>>> = {
  detecting: async linear => {
    linear.say(linear.t('detecting'));
    await leftScreen(linear, 'detecting');
  },
  start: startScreen,
  question: questionScreen,
  decided: decidedScreen,
  planning: planningScreen,
  refused: refusedScreen,
  review: reviewScreen,
  running: followRun,
  finished: finishedScreen,
  problem: problemScreen,
};
