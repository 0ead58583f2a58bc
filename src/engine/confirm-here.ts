import {join} from 'node:path';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Text} from '../core/text.js';
import type {System} from '../system/types.js';
import {answerCountdown} from '../transaction/countdown.js';
import {pendingHere} from '../transaction/confirmation.js';
import {takeLock} from '../transaction/lock.js';
import {stateFolder} from '../transaction/store.js';
import {forgetUnits} from './run.js';

/** Connections to SSH from where this session comes, by their ends (ss(8)); empty where it does not come by SSH. */
export const sshConnections = async (
  system: System,
  {session: {ssh}}: Pick<Facts, 'session'>,
): Promise<ReadonlySet<string>> => {
  if (ssh === undefined) {
    return new Set();
  }

  const {stdout} = await system.run('ss', ['-Htn', 'state', 'established', `( sport = :${ssh.serverPort} )`]);
  return new Set(
    stdout
      .split('\n')
      .map(line => line.trim().split(/\s+/).slice(-2).join(' '))
      .filter(ends => hostOf(ends.split(' ')[1] ?? '') === ssh.client),
  );
};

/**
 * Confirms from the session that made the change, once a connection that was not there before came in from the same place: that
 * it could is what a new login would prove. Says what is missing otherwise.
 */
export const confirmHere = async (
  system: System,
  facts: Facts,
  {before, by}: {readonly before: ReadonlySet<string>; readonly by: string},
): Promise<Finding | undefined> => {
  const fresh = [...(await sshConnections(system, facts))].some(ends => !before.has(ends));
  if (!fresh) {
    return {id: 'confirm', severity: 'fail', summary: texts.none, remedy: texts.noneRemedy};
  }

  const release = takeLock(join(system.tree, stateFolder, 'lock'), `${by}, confirm`);
  try {
    const pending = pendingHere(system.files);
    if (pending === undefined) {
      return {id: 'confirm', severity: 'fail', summary: texts.over, remedy: texts.overRemedy};
    }

    answerCountdown(system, pending.id);
  } finally {
    release();
  }

  await forgetUnits(system);
  return undefined;
};

// `192.0.2.1:50000`, `[2001:db8::1]:50000`, `[::ffff:192.0.2.1]:50000`; a scope (`%eth0`) is no part of the address.
const hostOf = (end: string) =>
  end
    .replace(/:\d+$/, '')
    .replaceAll(/[[\]]/g, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');

const texts = {
  none: {
    en: 'No new SSH connection from where you are was seen yet.',
    ja: 'そちらからの新しい SSH 接続をまだ確認できません。',
  },
  noneRemedy: {
    en: 'Log in anew, in another window, leave it open, and choose this again.',
    ja: '別の画面で新しくログインし、そのまま閉じずに、もう一度選んでください。',
  },
  over: {
    en: 'Nothing waits for a confirmation any more.',
    ja: '確認待ちのものはもうありません。',
  },
  overRemedy: {
    en: '“dovetail status” says what became of it.',
    ja: '結果は「dovetail status」で確認できます。',
  },
} satisfies Record<string, Text>;
