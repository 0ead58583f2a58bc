import {BlockList} from 'node:net';
import {isPublicAddress} from '../core/public-address.js';
import type {Dns} from '../system/dns.js';

type Sender = {
  readonly domain: string;
  readonly hostname: string;
  /** The machine's own addresses. */
  readonly addresses: readonly string[];
};

/**
 * Whether an SPF record (RFC 7208) names this machine by what can be told from here: `a`, `mx`, `ip4` and `ip6`. What it hands on
 * to others (`include`, `redirect`, `exists`), or a machine that knows no public address of its own, leaves it unknown.
 */
export const sendersIn = async (
  record: string,
  {domain, hostname, addresses}: Sender,
  resolver: Pick<Dns, 'resolve4' | 'resolve6' | 'resolveMx'>,
): Promise<'named' | 'not-named' | 'unknown'> => {
  const own = addresses.filter(address => !address.startsWith('fe80'));
  const none = () => [];
  const leadsHere = async (name: string) => {
    const found = await Promise.all([
      resolver.resolve4(name).catch(none),
      resolver.resolve6(name).catch(none),
    ]);
    return found.flat().some(address => own.includes(address));
  };

  let handedOn = false;
  for (const term of record.split(/\s+/).slice(1)) {
    const [, qualifier = '+', kind = '', value = ''] =
      /^([-+~?])?(all|include|a|mx|ptr|ip4|ip6|exists|redirect)(?:[:=]?(.*))$/i.exec(term) ?? [];
    const name = /^[^/]*/.exec(value)?.[0] || domain;
    if (qualifier === '+') {
      switch (kind.toLowerCase()) {
        case 'ip4':
        case 'ip6':
          if (own.some(address => isIn(address, value))) {
            return 'named';
          }

          break;
        case 'a':
          if (name === hostname || (await leadsHere(name))) {
            return 'named';
          }

          break;
        case 'mx': {
          const hosts = (await resolver.resolveMx(name).catch(none)) as readonly {exchange: string}[];
          for (const {exchange} of hosts) {
            if (exchange.toLowerCase() === hostname || (await leadsHere(exchange))) {
              return 'named';
            }
          }

          break;
        }
        case 'all':
          return 'named';
        case 'include':
        case 'redirect':
        case 'exists':
        case 'ptr':
          handedOn = true;
          break;
      }
    }
  }

  return handedOn || !own.some(isPublicAddress) ? 'unknown' : 'not-named';
};

const isIn = (address: string, network: string) => {
  const [base = '', bits] = network.split('/');
  const family = base.includes(':') ? 'ipv6' : 'ipv4';
  try {
    const list = new BlockList();
    list.addSubnet(base, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
    return address.includes(':') === (family === 'ipv6') && list.check(address, family);
  } catch {
    return false;
  }
};
