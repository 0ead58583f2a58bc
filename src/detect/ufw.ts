import {isOpen, portsOfMail} from '../core/open-ports.js';
import type {FirewallFacts} from '../core/facts.js';
import type {Host} from '../system/types.js';
import {ufwComment, type UfwRule, ufwRulesThere} from '../system/ufw.js';

/** What ufw lets in by the rules of people, from its files; undefined where it is not there or switched off. */
export const ufwFacts = ({files}: Host): FirewallFacts | undefined => {
  const text = files.read('/etc/ufw/ufw.conf', {follow: true})?.toString('latin1') ?? '';
  if (files.lstat('/usr/sbin/ufw') === undefined || !/^ENABLED=yes$/im.test(text)) {
    return undefined;
  }

  const families = ufwRulesThere(files);
  const open = families.map(rules => rules.filter(isForAll).filter(isOpening).flatMap(entriesOf));
  const ports = [...new Set(open[0])].filter(entry => open.every(others => others.includes(entry)));
  // The file and the kernel's rules are one to ufw: `ufw reload` has them agree.
  const side = {services: [], ports, richRules: families.flatMap(rules => rules.flatMap(richOf))};
  return {
    backend: 'ufw',
    active: true,
    permanent: side,
    runtime: side,
    ours: [
      ...new Set(
        families.flatMap(rules =>
          rules.flatMap(rule =>
            rule.comment === ufwComment && rule.incoming
              ? [isForAll(rule) ? rule.ports : `${rule.source.toLowerCase()} ${rule.ports}`]
              : [],
          ),
        ),
      ),
    ],
    shut: portsOfMail.filter(port => families.some(rules => isShut(rules, port))),
  };
};

const isForAll = ({incoming, source}: UfwRule) => incoming && /^(?:0\.0\.0\.0\/0|::\/0)$/.test(source);
const isOpening = ({action}: UfwRule) => action === 'allow' || action === 'limit';

const entriesOf = ({protocol, ports}: UfwRule): readonly string[] =>
  protocol === 'udp' ? [] : ports.split(',').map(port => `${port.replace(':', '-')}/tcp`);

// In firewalld's words, which the sections read: a network with its length.
const richOf = (rule: UfwRule): readonly string[] => {
  const {source, ports, protocol} = rule;
  const family = source.includes(':') ? 'ipv6' : 'ipv4';
  const network = source.includes('/') ? source : `${source}/${family === 'ipv6' ? 128 : 32}`;
  return rule.incoming &&
    !isForAll(rule) &&
    rule.action === 'allow' &&
    /^\d+$/.test(ports) &&
    protocol !== 'udp'
    ? [`rule family="${family}" source address="${network}" port port="${ports}" protocol="tcp" accept`]
    : [];
};

// The first rule that fits decides (ufw(8), “rule ordering”).
const isShut = (rules: readonly UfwRule[], port: number) => {
  const first = rules
    .filter(isForAll)
    .find(rule => rule.ports === 'any' || isOpen({services: [], ports: entriesOf(rule)}, port));
  return first !== undefined && !isOpening(first) && first.protocol !== 'udp';
};
