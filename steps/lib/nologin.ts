import type {Facts} from '../../src/core/facts.js';
import {fill, type Text} from '../../src/core/text.js';

/** Groups whose members run the machine (sudo, wheel and their kin). */
const powerful = new Set([
  'root',
  'sudo',
  'wheel',
  'admin',
  'adm',
  'systemd-journal',
  'docker',
  'libvirt',
  'lxd',
]);

/**
 * Why an account must keep its login shell: it runs the machine, is this session's own, or is used for more than mail.
 * `nologin`: an account that has this shell already may be named again.
 */
export const nologinProblem = (name: string, facts: Facts, nologin?: string): Text | undefined => {
  const user = facts.users.find(other => other.name === name);
  if (user === undefined) {
    return fill(texts.unknown, {name});
  }

  if (user.elsewhere === true) {
    return fill(texts.elsewhere, {name});
  }

  if (user.uid === 0 || user.uid < 1000 || user.uid >= 65_534) {
    return fill(texts.system, {name});
  }

  if (name === facts.session.user) {
    return fill(texts.session, {name});
  }

  const group = facts.groups.find(
    ({name: groupName, gid, members}) =>
      powerful.has(groupName) && (members.includes(name) || gid === user.gid),
  );
  if (group !== undefined) {
    return fill(texts.admin, {name, group: group.name});
  }

  if (nologin !== undefined && user.shell === nologin) {
    return undefined;
  }

  const [use] = facts.inUse?.[name] ?? [];
  return use === undefined ? undefined : fill(texts[use], {name});
};

const texts = {
  unknown: {
    en: 'There is no account {name} on this machine.',
    ja: 'アカウント {name} はこのマシンにありません。',
  },
  system: {
    en: '{name} belongs to the system; its shell is the distribution’s affair.',
    ja: '{name} はシステムのアカウントで、シェルは配布元が管理します。',
  },
  elsewhere: {
    en: '{name} is kept in a directory (nsswitch.conf), which gives the shell.',
    ja: '{name} はディレクトリー (nsswitch.conf) のアカウントで、シェルもそこで決まります。',
  },
  session: {
    en: '{name} is who you are: you would lock yourself out.',
    ja: '{name} は現在のあなたです。自分がログインできなくなります。',
  },
  admin: {
    en: '{name} is in the group {group} and may run this machine.',
    ja: '{name} はグループ {group} に属し、このマシンを管理できます。',
  },
  keys: {
    en: '{name} has SSH keys to log in with: remove those first, if they are not used.',
    ja: '{name} には SSH 鍵があります。使っていなければ先に削除してください。',
  },
  jobs: {
    en: '{name} has jobs of cron, which need a shell.',
    ja: '{name} にはシェルを必要とする cron ジョブがあります。',
  },
  processes: {
    en: 'Processes of {name} are running: the account is in use.',
    ja: '{name} のプロセスが動いています。使用中のアカウントです。',
  },
} satisfies Record<string, Text>;
