import {promises} from 'node:dns';

/** A resolver that asks name servers themselves: hosts(5), which this machine asks first, nobody else sees. */
export type Dns = InstanceType<typeof promises.Resolver>;

type Bounds = {
  /** Milliseconds for a try; the next one may take longer (c-ares). */
  readonly timeout?: number;
  readonly tries?: number;
  /** Name servers, as `address:port`; those of resolv.conf(5) where none are named. */
  readonly servers?: readonly string[];
};

/** Opens a resolver that does not wait for long: what it is asked, somebody waits for. */
export const openResolver = ({timeout = 2000, tries = 2, servers}: Bounds = {}): Dns => {
  const resolver = new promises.Resolver({timeout, tries});
  servers === undefined || resolver.setServers(servers);
  return resolver;
};

/** What DNS has; that it has nothing is an answer. Undefined: nobody answered. */
export const answerOf = async <T>(question: Promise<readonly T[]>): Promise<readonly T[] | undefined> => {
  try {
    return await question;
  } catch (error) {
    return ['ENOTFOUND', 'ENODATA'].includes(String((error as {code?: unknown}).code)) ? [] : undefined;
  }
};
