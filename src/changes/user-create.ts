import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Json} from '../core/json.js';
import {type Secret, secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import type {Host, ReadFiles} from '../system/types.js';
import {findId} from './owner.js';
import type {ChangeHandler} from './types.js';

type Before = {readonly user: boolean; readonly group: boolean};

/** A user for mail, with a fixed number and no shell (useradd(8)); locked, or with a first password (chpasswd(8)). One that is there is kept as it is. */
export const userCreate: ChangeHandler<ChangeOf<'user.create'>, Json, Before, Json> = {
  observe: async ({files}, {name}) => findId(files, '/etc/passwd', name) ?? null,
  preview: (change, seen, {certainty}) => ({
    action: seen === null ? 'create' : 'none',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {
      name: change.name,
      uid: change.uid,
      group: change.group,
      gid: change.gid,
      home: change.home,
      shell: change.shell,
    }),
    body: [],
  }),
  capture: async ({files}, {name, group}) => ({
    user: findId(files, '/etc/passwd', name) !== undefined,
    group: findId(files, '/etc/group', group) !== undefined,
  }),
  apply: async (system, change, before, {resolve}) => {
    await createUser(system, change, before);
    if (!before.user && change.password !== undefined) {
      await setPassword(system, change.name, resolve(change.password));
    }

    return null;
  },
  verify: async ({files}, {name, uid}) =>
    findId(files, '/etc/passwd', name) === undefined
      ? [
          {
            id: `verify:user:${name}`,
            severity: 'fail',
            summary: fill(texts.missing, {name, uid}),
            remedy: texts.remedy,
          },
        ]
      : [],
  revert: async (system, {name, uid, group, home}, before) => {
    const there = findId(system.files, '/etc/passwd', name);
    if (!before.user && there !== undefined) {
      // Mail that was delivered since belongs to this number: without the user it would belong to whoever gets it next.
      if (there !== uid || (system.files.list(home)?.length ?? 0) > 0) {
        return {
          kind: 'conflict',
          finding: {
            id: `kept:user:${name}`,
            severity: 'warning',
            summary: fill(texts.kept, {name, home}),
            remedy: texts.keptRemedy,
          },
        };
      }

      await must(system, '/usr/sbin/userdel', ['--', name]);
    }

    if (!before.group && findId(system.files, '/etc/group', group) !== undefined) {
      await must(system, '/usr/sbin/groupdel', ['--', group]);
    }

    return {kind: before.user ? 'nothing-to-do' : 'reverted'};
  },
  inverse: ({name, uid, group}, before, _after, {section, alone, id}) =>
    !alone || before.user
      ? []
      : [
          {
            id: id(`user.remove ${name}`),
            sections: [section],
            kind: 'user.remove',
            name,
            uid,
            group,
            removeGroup: !before.group,
          },
        ],
};

type Entry = {
  readonly uid: number;
  readonly gid: number;
  readonly group: string;
  readonly home: string;
  readonly shell: string;
  readonly comment: string;
} | null;

/** A user whom an earlier transaction made goes again; mail of its own keeps it. */
export const userRemove: ChangeHandler<ChangeOf<'user.remove'>, Json, Entry, Json> = {
  observe: async ({files}, {name}) => findId(files, '/etc/passwd', name) ?? null,
  preview: ({name, uid}, seen, {certainty}) => ({
    action: seen === uid ? 'delete' : 'none',
    certainty,
    reversible: 'exact',
    title: fill(texts.gone, {name, uid}),
    body: [],
  }),
  capture: async ({files}, {name, group}) => entryOf(files, name, group),
  apply: async (system, {name, group, removeGroup}, before) => {
    if (before === null) {
      return null;
    }

    if ((system.files.list(before.home)?.length ?? 0) > 0) {
      throw new ProblemError({
        code: exitCode.conflictsKept,
        what: fill(texts.kept, {name, home: before.home}),
        remedy: texts.keptRemedy,
      });
    }

    await must(system, '/usr/sbin/userdel', ['--', name]);
    if (removeGroup && findId(system.files, '/etc/group', group) !== undefined) {
      await must(system, '/usr/sbin/groupdel', ['--', group]);
    }

    return null;
  },
  verify: async ({files}, {name, uid}) =>
    findId(files, '/etc/passwd', name) === uid
      ? [
          {
            id: `verify:user:${name}`,
            severity: 'fail',
            summary: fill(texts.there, {name, uid}),
            remedy: texts.remedy,
          },
        ]
      : [],
  revert: async (system, {name, group, removeGroup}, before) => {
    if (before === null || findId(system.files, '/etc/passwd', name) !== undefined) {
      return {kind: 'nothing-to-do'};
    }

    await createUser(
      system,
      {name, ...before, group},
      {user: false, group: !removeGroup || findId(system.files, '/etc/group', group) !== undefined},
    );
    return {kind: 'reverted'};
  },
  inverse: ({name, group}, before, _after, {section, alone, id}) =>
    !alone || before === null
      ? []
      : [{id: id(`user.create ${name}`), sections: [section], kind: 'user.create', name, ...before, group}],
};

const entryOf = (files: ReadFiles, name: string, group: string): Entry => {
  const line = (files.read('/etc/passwd')?.toString('latin1') ?? '')
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`));
  if (line === undefined) {
    return null;
  }

  const [, , uid, gid, comment, home, shell] = line.split(':');
  return {
    uid: Number(uid),
    gid: Number(gid),
    group,
    home: home ?? '/',
    shell: shell ?? '',
    comment: comment ?? '',
  };
};

type NewUser = Pick<ChangeOf<'user.create'>, 'name' | 'uid' | 'group' | 'gid' | 'home' | 'shell' | 'comment'>;

const createUser = async (
  system: Host,
  {name, uid, group, gid, home, shell, comment}: NewUser,
  before: Before,
) => {
  if (!before.group && findId(system.files, '/etc/group', group) === undefined) {
    await must(system, '/usr/sbin/groupadd', ['--gid', String(gid), '--', group]);
  }

  if (!before.user && findId(system.files, '/etc/passwd', name) === undefined) {
    const options = [
      '--uid',
      String(uid),
      '--gid',
      String(gid),
      '--home-dir',
      home,
      '--shell',
      shell,
      '--comment',
      comment,
    ];
    await must(system, '/usr/sbin/useradd', [
      '--no-create-home',
      '--no-user-group',
      '--no-log-init',
      ...options,
      '--',
      name,
    ]);
  }
};

// The hash goes in by the input: arguments of a process can be read by everybody. shadow(5) has no `{SCHEME}` before it.
const setPassword = (system: Host, name: string, hashed: Buffer) =>
  must(
    system,
    '/usr/sbin/chpasswd',
    ['--encrypted'],
    secret(`${name}:${hashed.toString('latin1').replace(/^\{[^}]*\}/, '')}\n`),
  );

const must = async (host: Host, file: string, args: readonly string[], input?: Secret) => {
  const {exitCode: code, stderr} = await host.run(file, args, input === undefined ? {} : {input});
  if (code !== 0) {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.failed, {file}),
      cause: fill(texts.said, {stderr}),
      remedy: texts.remedy,
    });
  }
};

const texts = {
  title: {
    en: 'user {name} ({uid}), group {group} ({gid}), home {home}, shell {shell}',
    ja: 'ユーザー {name} ({uid})、グループ {group} ({gid})、ホーム {home}、シェル {shell}',
  },
  gone: {en: 'user {name} ({uid}) is removed', ja: 'ユーザー {name} ({uid}) を削除'},
  there: {en: 'The user {name} ({uid}) is still there.', ja: 'ユーザー {name} ({uid}) が残っています。'},
  missing: {en: 'The user {name} ({uid}) was not made.', ja: 'ユーザー {name} ({uid}) が作られていません。'},
  remedy: {
    en: 'Look whether something else holds /etc/passwd.lock.',
    ja: '/etc/passwd.lock を使用中のものがないか確認してください。',
  },
  kept: {
    en: 'The user {name} is kept: {home} holds mail of its own.',
    ja: '{home} にメールがあるため、ユーザー {name} を残しました。',
  },
  keptRemedy: {
    en: 'Move that mail first, then remove the user.',
    ja: '先にメールを移し、その後ユーザーを削除してください。',
  },
  failed: {en: '{file} failed.', ja: '{file} が失敗しました。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
} satisfies Record<string, Text>;
