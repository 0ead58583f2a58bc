import {randomBytes} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import {secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import {answerTimeout, type ProbeContext} from './types.js';

type Gated = Extract<Probe, {kind: 'system-account-refused'}> & {
  readonly gate: {readonly file: string; readonly rule: string};
};

/**
 * PAM ends before it looks at a system account's password, so the right one is refused like any other. The rule must be the
 * first of the stack; then a login is tried, and PAM's own log must say that it was this rule. Nobody's failed logins are counted
 * by that: what counts them comes later in the stack.
 */
export const stoppedByPam = async (probe: Gated, {host}: ProbeContext): Promise<Finding> => {
  const {user, gate} = probe;
  const values = {user, file: gate.file};
  if (firstRule(host.files.read(gate.file, {follow: true})?.toString('latin1') ?? '') !== gate.rule) {
    return fail(probe, {summary: texts.open, values, remedy: texts.openRemedy});
  }

  const started = Date.now();
  const {stdout, stderr, exitCode} = await host.run('/usr/bin/doveadm', ['auth', 'test', '--', user], {
    input: secret(`${randomBytes(12).toString('hex')}\n`),
    timeout: answerTimeout,
  });
  if (exitCode === 0) {
    return fail(probe, {summary: texts.open, values, remedy: texts.openRemedy});
  }

  if (!/auth failed/.test(stdout)) {
    const evidence = (stdout + stderr).trim().split('\n').slice(-2);
    return unchecked(probe, {summary: texts.unclear, values, remedy: texts.unclearRemedy, evidence});
  }

  const evidence = await loggedByGate(host, user, 'dovecot:auth', started);
  return evidence === undefined
    ? unchecked(probe, {summary: texts.unclear, values, remedy: texts.unclearRemedy})
    : pass(probe, {summary: texts.stopped, values});
};

/** The rule that a stack about passwords begins with. */
export const firstRule = (stack: string) =>
  stack.split(/\r?\n/).find(line => /^\s*(?:-?auth\s|@include\s)/.test(line));

/** What PAM wrote when its rule about system accounts stopped somebody; the log may be a moment behind. */
export const loggedByGate = async (
  host: ProbeContext['host'],
  user: string,
  stack: string,
  started: number,
) => {
  for (let tries = 0; tries < 10; tries += 1) {
    const {stdout} = await host.run('/usr/bin/journalctl', [
      '--quiet',
      '--no-pager',
      '--output=cat',
      `--since=@${Math.floor(started / 1000)}`,
      '--grep=pam_succeed_if',
    ]);
    const line = stdout
      .split('\n')
      .find(entry => entry.includes(`(${stack})`) && entry.endsWith(`not met by user "${user}"`));
    if (line !== undefined) {
      return line;
    }

    await wait(300);
  }

  return undefined;
};

const texts = {
  stopped: {
    en: 'PAM refuses the system account {user} before it looks at a password.',
    ja: 'PAM は、パスワードを調べる前にシステムアカウント {user} を拒否します。',
  },
  open: {
    en: 'The system account {user} can log in to the mail server with its password.',
    ja: 'システムアカウント {user} が自分のパスワードでメールにログインできます。',
  },
  openRemedy: {
    en: 'Put the rule of pam_succeed_if back as the first of {file}: “dovetail auth-pam”.',
    ja: 'pam_succeed_if の規則を {file} の先頭に戻してください: 「dovetail auth-pam」。',
  },
  unclear: {
    en: 'Whether PAM keeps the system account {user} out.',
    ja: 'PAM がシステムアカウント {user} を拒否するかどうか。',
  },
  unclearRemedy: {
    en: 'Try “doveadm auth test {user}” with its right password: it must say “auth failed”.',
    ja: '正しいパスワードで「doveadm auth test {user}」を実行し、「auth failed」となることを確認してください。',
  },
} satisfies Record<string, Text>;
