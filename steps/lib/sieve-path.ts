import type {Facts} from '../../src/core/facts.js';
import type {Reading} from '../../src/core/probe.js';
import type {AllAnswers} from '../../src/core/question.js';
import {readAt} from './listen.js';
import {domainsOf, isServer, servicesOf, submissionPortsOf} from './read.js';

/** How a check reads mail: by IMAP, where people do. */
export const readBy = (all: AllAnswers, facts: Facts): {readonly imap: Reading | undefined} => ({
  imap: servicesOf(all).includes('imap') ? {port: 993, starttls: false, ...readAt(all, facts)} : undefined,
});

/** The way a test message takes: in by submission, and read. Without Postfix nothing can be sent here. */
export const deliveryPath = (all: AllAnswers, facts: Facts) => {
  const [domain] = domainsOf(all);
  const submit = submissionPortsOf(all).includes('465')
    ? ({port: 465, tls: 'wrapper'} as const)
    : ({port: 587, tls: 'starttls'} as const);
  return {
    ...(isServer(all) ? {submit} : {}),
    ...readBy(all, facts),
    ...(domain === undefined ? {} : {domain}),
  };
};
