import type {Finding} from '../../core/finding.js';
import type {Secret} from '../../core/secret.js';
import {fill, type Text} from '../../core/text.js';
import type {System} from '../../system/types.js';
import type {AccountAct} from './changes.js';

const doveadm = '/usr/bin/doveadm';

/** Tries what an act was to bring about: a login where a password is known, else what the mail server knows of the account. */
export const tryAccount = (system: System, act: AccountAct): Promise<Finding> => {
  switch (act.act) {
    case 'add':
    case 'passwd':
      return tryLogin(system, act.name, act.password);
    case 'import':
      return act.sample === undefined
        ? tryLookup(system, act.rows.at(-1)?.name ?? '', 'known')
        : tryLogin(system, act.sample.name, act.sample.password);
    case 'disable':
      return tryLookup(system, act.name, 'mailOnly');
    case 'enable':
      return tryLookup(system, act.name, 'back');
    case 'remove':
      return tryLookup(system, act.name, 'gone');
  }
};

// doveadm-auth(1) reads the password from its input.
const tryLogin = async (system: System, name: string, password: Secret): Promise<Finding> => {
  const id = `users:${name}`;
  if (system.ground === 'directory') {
    return unchecked(name);
  }

  const {
    stdout,
    exitCode: code,
    stderr,
  } = await system.run(doveadm, ['auth', 'test', '--', name], {input: password});
  return code === unreachable
    ? unchecked(name)
    : code === 0 && /auth succeeded/.test(stdout)
      ? {id, severity: 'pass', summary: fill(texts.works, {name})}
      : failed(name, texts.refused, stderr);
};

// Without its password a login cannot be tried; that an account is known, or is not, is what delivery depends on.
const tryLookup = async (
  system: System,
  name: string,
  expect: 'known' | 'mailOnly' | 'back' | 'gone',
): Promise<Finding> => {
  if (system.ground === 'directory') {
    return unchecked(name);
  }

  const {exitCode: code, stderr} = await system.run(doveadm, ['user', '--', name]);
  return code === unreachable
    ? unchecked(name)
    : (code !== 0) === (expect === 'gone')
      ? {id: `users:${name}`, severity: 'pass', summary: fill(texts[expect], {name})}
      : failed(name, expect === 'gone' ? texts.there : texts.missing, stderr);
};

/** What doveadm ends with where Dovecot does not answer (EX_TEMPFAIL, sysexits.h). */
const unreachable = 75;

const unchecked = (name: string): Finding => ({
  id: `users:${name}`,
  severity: 'unchecked',
  summary: fill(texts.unchecked, {name}),
  remedy: texts.uncheckedRemedy,
});

const failed = (name: string, summary: Text, stderr: string): Finding => ({
  id: `users:${name}`,
  severity: 'fail',
  summary: fill(summary, {name}),
  remedy: texts.failedRemedy,
  evidence: [stderr.split('\n')[0] ?? ''],
});

const texts = {
  works: {en: '{name} can log in.', ja: '{name} でログインできます。'},
  known: {en: '{name} is known to the mail server.', ja: '{name} はメールサーバーに登録されました。'},
  mailOnly: {
    en: '{name} still gets mail; its password is locked, so nobody logs in with it.',
    ja: '{name} 宛のメールは届きます。パスワードは無効化され、ログインできません。',
  },
  back: {
    en: '{name} has its password of before again.',
    ja: '{name} のパスワードは以前のものに戻りました。',
  },
  gone: {en: '{name} is unknown to the mail server.', ja: '{name} はメールサーバーに存在しません。'},
  there: {en: '{name} is still known to the mail server.', ja: '{name} がまだメールサーバーにあります。'},
  missing: {en: '{name} is not known to the mail server.', ja: '{name} がメールサーバーにありません。'},
  refused: {
    en: '{name} cannot log in with that password.',
    ja: '{name} はそのパスワードでログインできません。',
  },
  unchecked: {
    en: 'Whether {name} can log in: not checked, Dovecot does not run.',
    ja: '{name} のログイン: Dovecot が動作していないため未確認。',
  },
  uncheckedRemedy: {
    en: 'Log in with it once Dovecot runs.',
    ja: 'Dovecot の起動後にログインを確認してください。',
  },
  failedRemedy: {
    en: 'See “journalctl -u dovecot”, then try again.',
    ja: '「journalctl -u dovecot」を確認し、もう一度実行してください。',
  },
} satisfies Record<string, Text>;
