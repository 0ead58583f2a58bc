import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {readAt} from './listen.js';
import {domainsOf, isServer, submissionPortsOf} from './read.js';

/** The way a test message takes: in by submission, read by IMAP. Without Postfix nothing can be sent here. */
export const deliveryPath = (all: AllAnswers, facts: Facts) => {
  const [domain] = domainsOf(all);
  const submit = submissionPortsOf(all).includes('465')
    ? ({port: 465, tls: 'wrapper'} as const)
    : ({port: 587, tls: 'starttls'} as const);
  return {
    ...(isServer(all) ? {submit} : {}),
    imap: {port: 993, starttls: false, ...readAt(all, facts)},
    ...(domain === undefined ? {} : {domain}),
  };
};
