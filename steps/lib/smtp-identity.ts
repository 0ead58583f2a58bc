import {listItems} from '../../src/config/list.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {domainClassOf} from './people.js';
import {main, settingOf} from './postfix.js';
import {domainsOf, hostnameOf, isServer} from './read.js';

/** Under which names Postfix speaks, and for which of them it delivers by itself. */
export const identityWants = (all: AllAnswers, facts: Facts, platform: Platform): readonly Want[] => {
  const hostname = hostnameOf(all);
  // Postfix's default is the name without its first label: `com` for a host that is called example.com.
  const isDomainItself = hostname.split('.').length === 2;
  return [
    main('myhostname', hostname),
    ...(isDomainItself ? [main('mydomain', hostname)] : []),
    ...originWants(all, facts, platform),
    main('mydestination', destination(all, facts)),
  ];
};

/**
 * What is put after the @ of senders without one. Beside virtual domains it is the host's own name: root's mail would
 * otherwise become mail of the virtual domain, and aliases(5) would never be read for it.
 */
const originWants = (all: AllAnswers, facts: Facts, platform: Platform): readonly Want[] => {
  const hostname = hostnameOf(all);
  const domain = hostname.split('.').length > 2 ? hostname.slice(hostname.indexOf('.') + 1) : hostname;
  const name = !isServer(all)
    ? domain
    : domainClassOf(all) === 'virtual'
      ? hostname
      : (domainsOf(all)[0] ?? hostname);
  const there = settingOf(facts, 'myorigin');
  const file = there?.startsWith('/') === true ? there : platform.postfix.originFile;
  if (file === undefined) {
    return [main('myorigin', name === hostname ? '$myhostname' : name === domain ? '$mydomain' : name)];
  }

  return [
    main('myorigin', file),
    {
      kind: 'file',
      path: file,
      state: 'present',
      content: [{text: `${name}\n`}],
      owner: 'root',
      group: 'root',
      mode: 0o644,
    },
  ];
};

// Each domain is in one class only: what is virtual is taken out here, what somebody added by hand stays.
const destination = (all: AllAnswers, facts: Facts) => {
  if (!isServer(all)) {
    return '';
  }

  const hostname = hostnameOf(all);
  const domains = domainsOf(all);
  const isVirtual = domainClassOf(all) === 'virtual';
  const standard = ['$myhostname', 'localhost.$mydomain', 'localhost', ...(isVirtual ? [] : domains)];
  const added = facts.configured.postfix ? listItems(settingOf(facts, 'mydestination') ?? '') : [];
  const virtual = new Set(isVirtual ? domains : []);
  return [...new Set([...added, ...standard])]
    .filter(name => !virtual.has(name === '$myhostname' ? hostname : name.toLowerCase()))
    .join(', ');
};
