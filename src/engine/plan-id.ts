import {randomBytes} from 'node:crypto';

/** Ids sort by time. */
export const newPlanId = () =>
  `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
