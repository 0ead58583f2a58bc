import type {CommandContext} from './context.js';

/** The platform that the machine is to be taken for (`--platform`); undefined where it is what it says itself. */
export const platformNamed = ({options}: Pick<CommandContext, 'options'>): string | undefined =>
  typeof options['platform'] === 'string' ? options['platform'] : undefined;
