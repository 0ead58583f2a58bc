import {randomUUID} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import {type Doveadm, type DoveadmAt, isFailure, openDoveadm} from './doveadm.js';
import {askOnce} from './replicated-users.js';
import {replicationTexts as texts} from './replication-texts.js';
import {fail, pass, warning} from './result.js';
import type {ProbeContext} from './types.js';

/** Milliseconds that a change may take to the other side. */
const patience = 20_000;

type Step = {readonly name: 'there' | 'flag' | 'back' | 'gone'; readonly ms: number; readonly came: boolean};

/**
 * A message that is stored here is read on the partner; what is done there (a flag, a copy in a folder of its own) is seen here; and all
 * of it goes on both. The message is known by its Message-ID and says what it is. Not a second copy in one folder: the two would have one
 * identity, and what is expunged then comes back.
 */
export const crossing = async (
  probe: Extract<Probe, {kind: 'replication'}>,
  at: DoveadmAt,
  context: ProbeContext,
  user: string,
): Promise<readonly Finding[]> => {
  await tryAgain(at, context, user);
  const partner = await openDoveadm(at);
  const values = {partner: probe.partner, user};
  if (isFailure(partner)) {
    return [
      fail(probe, {summary: texts.refused, values, remedy: texts.silentRemedy, evidence: [partner.words]}),
    ];
  }

  const id = `<${randomUUID()}@dovetail.invalid>`;
  const folder = `dovetail-check-${id.slice(1, 9)}`;
  const here = sideHere(context, user, id, folder);
  const there = sideThere(partner, user, id, folder);
  const steps: Step[] = [];
  try {
    await here.save();
    const moves = [
      ['there', async () => undefined, async () => (await there.count()) === 1],
      ['flag', there.flag, here.isFlagged],
      ['back', there.copy, here.hasCopy],
      ['gone', here.remove, async () => (await there.count()) === 0],
    ] as const;
    for (const [name, act, came] of moves) {
      await act();
      const step = {name, ...(await until(came))};
      steps.push(step);
      if (!step.came) {
        break;
      }
    }
  } finally {
    await here.remove();
    await there.remove();
    partner.close();
  }

  return steps.map(({name, ms, came}) => {
    const own = {...probe, id: `${probe.id}:${name}`};
    return came
      ? pass(own, {summary: texts[name], values: {...values, ms}})
      : // That a removal takes longer is no reason to take all back: it was made on both.
        (name === 'gone' ? warning : fail)(own, {
          summary: texts[`${name}Not`],
          values,
          remedy: texts.crossingRemedy,
        });
  });
};

// A user whose last synchronisation failed (the partner was down) waits five minutes for the next; asked for anew, none.
const tryAgain = async (at: DoveadmAt, {host}: ProbeContext, user: string) => {
  const {stdout} = await host.run('/usr/bin/doveadm', ['replicator', 'status', user]);
  if (/\sy\s*$/m.test(stdout.split('\n').slice(1).join('\n'))) {
    await host.run('/usr/bin/doveadm', ['replicator', 'remove', user]);
    await host.run('/usr/bin/doveadm', ['replicator', 'add', user]);
  }

  const [, , , , , failed] = (await askOnce(at, '', 'replicator status', user)) ?? [];
  if (failed === 'y') {
    await askOnce(at, '', 'replicator remove', user);
    await askOnce(at, '', 'replicator add', user);
  }
};

const until = async (came: () => Promise<boolean>) => {
  const started = Date.now();
  for (;;) {
    if (await came()) {
      return {came: true, ms: Date.now() - started};
    }

    if (Date.now() - started > patience) {
      return {came: false, ms: patience};
    }

    await wait(250);
  }
};

const query = (id: string, folder = 'INBOX') => ['mailbox', folder, 'header', 'message-id', id];

const sideHere = ({host}: ProbeContext, user: string, id: string, folder: string) => {
  const doveadm = async (command: readonly string[], input?: string) =>
    (await host.run('/usr/bin/doveadm', command, input === undefined ? {} : {input})).stdout;
  return {
    save: () => doveadm(['save', '-u', user], messageOf(user, id)),
    isFlagged: async () =>
      (await doveadm(['fetch', '-u', user, 'flags', ...query(id)])).includes('\\Flagged'),
    hasCopy: async () => (await doveadm(['search', '-u', user, ...query(id, folder)])).trim() !== '',
    // As mail programs do: the flag is what tells the replicator; an expunge alone waits for the next change.
    remove: async () => {
      await doveadm(['mailbox', 'delete', '-u', user, folder]);
      await doveadm(['flags', 'add', '-u', user, '\\Deleted', ...query(id)]);
      await doveadm(['expunge', '-u', user, ...query(id)]);
    },
  };
};

const sideThere = (partner: Doveadm, user: string, id: string, folder: string) => ({
  // A mailbox and a number for each.
  count: async () => ((await partner.ask(user, 'search', ...query(id))) ?? []).length / 2,
  flag: () => partner.ask(user, 'flags add', '\\Flagged', ...query(id)),
  copy: async () => {
    await partner.ask(user, 'mailbox create', folder);
    await partner.ask(user, 'copy', folder, ...query(id));
  },
  remove: async () => {
    await partner.ask(user, 'mailbox delete', folder);
    await partner.ask(user, 'expunge', ...query(id));
  },
});

const messageOf = (user: string, id: string) =>
  [
    `From: ${user}`,
    `To: ${user}`,
    'Subject: dovetail checks the replication; this message goes by itself',
    `Message-ID: ${id}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    '',
    'It crosses to the other server and back, and is removed.',
    '',
  ].join('\r\n');
