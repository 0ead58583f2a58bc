import type {Facts} from '../../core/facts.js';
import {fill, type Text} from '../../core/text.js';
import {domainsThere} from '../../../steps/lib/domains-there.js';
import {addressProblem} from '../../../steps/lib/validate.js';
import {texts} from './texts.js';

/** Judges names for new accounts: an address of one of the server's domains, where those are known. */
export const judgeName = (facts: Facts): ((name: string) => Text | undefined) => {
  const domains = domainsThere(facts);
  const known = new Set(domains);
  return name =>
    addressProblem(name) ??
    (known.size === 0 || known.has(name.slice(name.indexOf('@') + 1))
      ? undefined
      : fill(texts.stranger, {name, domains: domains.join(', ')}));
};
