import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Host, ReadFiles} from '../system/types.js';
import type {ChangeHandler} from './types.js';

/** The login shell of an account that is there (usermod(8)); undone unless somebody else changed it since. */
export const userShell: ChangeHandler<ChangeOf<'user.shell'>, string | null, string | null, null> = {
  observe: async ({files}, {name}) => shellOf(files, name) ?? null,
  preview: ({name, shell}, seen, {certainty}) => ({
    action: seen === shell ? 'none' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {name, shell, before: seen ?? '—'}),
    body: [],
  }),
  capture: async ({files}, {name}) => shellOf(files, name) ?? null,
  apply: async (system, {name, shell}, before) => {
    if (before !== shell) {
      await setShell(system, name, shell);
    }

    return null;
  },
  verify: async ({files}, {name, shell}) =>
    shellOf(files, name) === shell
      ? []
      : [
          {
            id: `verify:shell:${name}`,
            severity: 'fail',
            summary: fill(texts.wrong, {name, shell}),
            remedy: texts.remedy,
          },
        ],
  revert: async (system, {name, shell}, before) => {
    const now = shellOf(system.files, name);
    if (before === null || now === before || now === undefined) {
      return {kind: 'nothing-to-do'};
    }

    if (now !== shell) {
      return {
        kind: 'conflict',
        path: '/etc/passwd',
        finding: {
          id: `kept:shell:${name}`,
          severity: 'warning',
          summary: fill(texts.kept, {name, shell: now}),
          remedy: texts.keptRemedy,
        },
      };
    }

    await setShell(system, name, before);
    return {kind: 'reverted'};
  },
  inverse: ({name, shell}, before, _after, {section, alone, read, stays, id}) => {
    const now = shellIn(read('/etc/passwd') ?? '', name);
    if (!alone || before === null || now === before) {
      return [];
    }

    if (now !== shell) {
      stays(name);
      return [];
    }

    return [{id: id(`user.shell ${name}`), sections: [section], kind: 'user.shell', name, shell: before}];
  },
};

const shellOf = (files: ReadFiles, name: string) =>
  shellIn(files.read('/etc/passwd')?.toString('latin1') ?? '', name);

const shellIn = (passwd: string, name: string) =>
  passwd
    .split('\n')
    .find(line => line.startsWith(`${name}:`))
    ?.split(':')[6];

const setShell = async (host: Host, name: string, shell: string) => {
  const {exitCode: code, stderr} = await host.run('/usr/sbin/usermod', ['--shell', shell, '--', name]);
  if (code !== 0) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.wrong, {name, shell}),
      cause: fill(texts.said, {stderr}),
      remedy: texts.remedy,
    });
  }
};

const texts = {
  title: {
    en: 'login shell of {name}: {shell} in place of {before}',
    ja: '{name} のログインシェル: {before} から {shell} へ',
  },
  wrong: {
    en: 'The login shell of {name} could not be set to {shell}.',
    ja: '{name} のログインシェルを {shell} にできませんでした。',
  },
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {
    en: 'Look whether something else holds /etc/passwd.lock.',
    ja: '/etc/passwd.lock を使用中のものがないか確認してください。',
  },
  kept: {
    en: 'The login shell of {name} is {shell} by now: somebody else set it, and it is kept.',
    ja: '{name} のログインシェルは他者により {shell} に変更されているため、そのままにします。',
  },
  keptRemedy: {
    en: 'Set it by hand with usermod, if it is not meant.',
    ja: '意図したものでなければ usermod で設定してください。',
  },
} satisfies Record<string, Text>;
