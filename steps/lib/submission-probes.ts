import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {Probe} from '../../src/core/probe.js';
import type {AllAnswers} from '../../src/core/question.js';
import {cyrusProbe, cyrusSample} from './cyrus.js';
import {domainClassOf, probeAccountOf} from './people.js';
import {answer, domainsOf, hasDovecot, hostnameOf, loginOf, submissionPortsOf, tlsFilesOf} from './read.js';
import {readBy} from './sieve-path.js';

/** What shows that people can send after a login, over TLS, in their own name, and nobody else. */
export const submissionProbes = (all: AllAnswers, facts: Facts, platform: Platform): readonly Probe[] => {
  const ports = submissionPortsOf(all);
  const name = hostnameOf(all);
  const {certificate} = tlsFilesOf(all, platform);
  const common = {section: 'submission', name};
  const account = {...probeAccountOf(all), ...cyrusSample(all)};
  const tls = (port: number) => (port === 465 ? ('wrapper' as const) : ('starttls' as const));
  const numbers = ports.map(Number);
  const [first] = numbers;
  return [
    ...(loginOf(all) === 'tcp'
      ? [
          {
            section: 'submission',
            id: 'submission:passwords',
            kind: 'sasl-host' as const,
            host: answer<string>(all, 'submission', 'login_host') ?? '',
            port: answer<number>(all, 'submission', 'login_port') ?? 12_345,
          },
        ]
      : []),
    ...(loginOf(all) === 'cyrus' ? [cyrusProbe(facts, platform)] : []),
    ...numbers.flatMap(port => [
      {
        ...common,
        id: `submission:${port}:tls`,
        kind: 'tls' as const,
        port,
        certificate,
        ...(port === 587 ? {starttls: 'smtp' as const} : {}),
      },
      {
        ...common,
        id: `submission:${port}:login`,
        kind: 'submission-login' as const,
        port,
        tls: tls(port),
        ...account,
      },
      {
        ...common,
        id: `submission:${port}:stranger`,
        kind: 'unknown-user-refused' as const,
        protocol: 'submission' as const,
        port,
      },
      {
        ...common,
        id: `submission:${port}:unauthenticated`,
        kind: 'relay-refused' as const,
        port,
        tls: tls(port),
        domains: domainsOf(all),
      },
      ...((answer<boolean>(all, 'submission', 'sender_must_match') ?? true)
        ? [
            {
              ...common,
              id: `submission:${port}:foreign-sender`,
              kind: 'foreign-sender-refused' as const,
              port,
              tls: tls(port),
              ...account,
            },
          ]
        : []),
    ]),
    ...(numbers.includes(587)
      ? [
          {
            section: 'submission',
            id: 'submission:587:relay',
            kind: 'relay-refused' as const,
            port: 587,
            domains: domainsOf(all),
          },
          {
            section: 'submission',
            id: 'submission:587:plaintext',
            kind: 'no-plaintext-login' as const,
            protocol: 'smtp' as const,
            port: 587,
          },
        ]
      : []),
    ...(first === undefined || !hasDovecot(all)
      ? []
      : [
          {
            ...common,
            id: 'round-trip',
            kind: 'round-trip' as const,
            submit: {port: first, tls: tls(first)},
            ...readBy(all, facts),
            ...(domainClassOf(all) === 'local' && domainsOf(all)[0] !== undefined
              ? {domain: domainsOf(all)[0]}
              : {}),
            ...account,
          },
        ]),
  ];
};
