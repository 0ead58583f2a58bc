import type {Facts} from '../../src/core/facts.js';
import {clamavUnits} from '../../src/core/clamav-files.js';
import type {Probe} from '../../src/core/probe.js';
import type {AllAnswers} from '../../src/core/question.js';
import {dangerous} from './attachment-wants.js';
import {probeAccountOf} from './people.js';
import {hostnameOf} from './read.js';
import {deliveryPath} from './sieve-path.js';

/** The spam filter's unit. */
export const spamUnit = 'rspamd.service';

type Asked = {
  readonly attachments?: unknown;
  readonly endings?: readonly string[] | undefined;
  readonly spam?: unknown;
  readonly viruses?: unknown;
};

/** A message for each filter, which must be refused; and that what looks at mail runs. */
export const filterProbes = (answers: Asked, all: AllAnswers, facts: Facts): readonly Probe[] => {
  const section = 'filter';
  const {submit, imap, domain} = deliveryPath(all, facts);
  if (submit === undefined) {
    return [];
  }

  const message = {
    section,
    kind: 'filtered-message',
    name: hostnameOf(all),
    submit,
    imap,
    ...(domain === undefined ? {} : {domain}),
    ...probeAccountOf(all),
  } as const;
  const service = (id: string, unit: string) =>
    ({id: `filter:${id}`, section, kind: 'service', unit}) as const;
  const [ending] = answers.endings ?? dangerous;
  return [
    ...(answers.attachments === true && ending !== undefined
      ? [{...message, id: 'filter:attachment', what: {kind: 'attachment', ending}} as const]
      : []),
    ...(answers.spam === 'rspamd'
      ? [
          service('service', spamUnit),
          {...message, id: 'filter:spam', what: {kind: 'spam', port: 11_332}} as const,
        ]
      : []),
    ...(answers.viruses === 'clamav'
      ? [
          service('updater', clamavUnits.updater),
          service('waiting', clamavUnits.path),
          service('milter', clamavUnits.milter),
          // Whether the daemon runs, or can run at all, is told with the message.
          {...message, id: 'filter:virus', what: {kind: 'virus'}} as const,
        ]
      : []),
  ];
};
