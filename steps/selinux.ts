import type {Facts} from '../src/core/facts.js';
import {list} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {mailOwnerThere} from './lib/dovecot-there.js';
import {answer} from './lib/read.js';
import {replicationThere} from './lib/replication.js';
import {mailRootProblem} from './lib/validate.js';

/**
 * What SELinux's policy must allow beyond its defaults. The mail root has its label by the section `vmail`, a port of
 * replication by that section; here is what somebody adds. SELinux itself is never switched off, nor to permissive.
 */
export const selinux = defineStep({
  id: 'selinux',
  title: {en: 'SELinux', ja: 'SELinux'},
  why: {
    en: 'What the policy does not know of is allowed by name, so that SELinux can stay on.',
    ja: 'ポリシーにないものだけを個別に許可し、SELinux を有効に保ちます。',
  },
  needs: ['role', 'vmail'],
  owns: [],
  applies: ({selinux: state}) => state !== 'disabled',
  questions: {
    paths: list({
      ask: {
        en: 'Which further directories hold mail?',
        ja: 'ほかにメールを置くディレクトリーはありますか。',
      },
      help: {
        en: 'Each, with all below it, is labelled mail_spool_t by a rule of the policy. The mail root has its label anyway.',
        ja: '配下を含めて mail_spool_t のラベルを付ける規則を加えます。メールの置き場自体は指定不要です。',
      },
      why: {
        en: 'Without the label Dovecot may neither read nor write there.',
        ja: 'ラベルがないと Dovecot は読み書きできません。',
      },
      example: '/srv/archive',
      level: 'advanced',
      initial: () => [],
      validateItem: (path, {facts}) =>
        facts.selinuxRules?.paths.includes(path) === true ? undefined : mailRootProblem(path),
    }),
    ports: list({
      ask: {
        en: 'On which further TCP ports shall the mail server be allowed to listen?',
        ja: 'メールサーバーがほかに待ち受けてよい TCP ポートはどれですか。',
      },
      help: {
        en: 'Each is labelled mail_port_t. Ports that the policy lets Dovecot use already are left as they are.',
        ja: '各ポートに mail_port_t のラベルを付けます。すでに許可されているものは変更しません。',
      },
      why: {
        en: 'The boolean that old advice names instead (nis_enabled) lets many programs listen on any port.',
        ja: '古い資料の nis_enabled では、多くのプログラムが任意のポートで待ち受けられてしまいます。',
      },
      example: '12345',
      level: 'advanced',
      initial: () => [],
      validateItem: item => (/^[1-9]\d{0,4}$/.test(item) && Number(item) <= 65_535 ? undefined : texts.port),
    }),
    booleans: list({
      ask: {en: 'Which booleans of the policy shall be set?', ja: 'ポリシーのどのブール値を設定しますか。'},
      help: {
        en: 'NAME=on or NAME=off; names that this policy does not have are refused.',
        ja: '「名前=on」または「名前=off」と書きます。このポリシーにない名前は拒否されます。',
      },
      why: {
        en: 'Mail on NFS, for one, needs use_nfs_home_dirs.',
        ja: '例えば NFS 上のメールには use_nfs_home_dirs が必要です。',
      },
      example: 'use_nfs_home_dirs=on',
      level: 'advanced',
      initial: () => [],
      validateItem: item => (parseBoolean(item) === undefined ? texts.boolean : undefined),
      validate: items => {
        const names = items.map(item => parseBoolean(item)?.name);
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        return twice === undefined ? undefined : fill(texts.twice, {name: twice});
      },
      caution: items =>
        items.some(item => /^(?:nis_enabled|allow_ypbind)=on$/.test(item)) ? texts.wide : undefined,
    }),
  },
  packages: () => ['semanage'],
  adopt: facts => rulesThere(facts),
  plan: ({answers: {paths = [], ports = [], booleans = []}, all}): readonly Want[] => [
    ...paths
      .filter(path => path !== answer(all, 'vmail', 'root'))
      .map(path => ({
        kind: 'label' as const,
        path,
        type: 'mail_spool_t' as const,
        state: 'present' as const,
      })),
    ...ports.map(port => ({
      kind: 'selinux.port' as const,
      port: Number(port),
      type: 'mail_port_t' as const,
      state: 'present' as const,
    })),
    ...booleansOf(booleans).map(({name, value}) => ({
      kind: 'selinux.boolean' as const,
      name,
      value,
      state: 'present' as const,
    })),
  ],
  probes: ({answers: {ports = [], booleans = []}}) => [
    ...(ports.length + booleans.length === 0
      ? []
      : [
          {
            id: 'selinux:policy',
            section: 'selinux',
            kind: 'selinux-policy' as const,
            ports: ports.map(Number),
            booleans: Object.fromEntries(booleansOf(booleans).map(({name, value}) => [name, value])),
          },
        ]),
    {id: 'selinux', section: 'selinux', kind: 'selinux-denials' as const},
  ],
});

// The label of the mail root is the section `vmail`’s.
const rulesThere = (facts: Facts) => {
  const {paths = [], ports = [], booleans = {}} = facts.selinuxRules ?? {};
  const {root} = mailOwnerThere(facts);
  return facts.selinuxRules === undefined
    ? {}
    : {
        paths: paths.filter(path => path !== root && mailRootProblem(path) === undefined),
        // That of a pair is its own section's.
        ports: ports.filter(port => port !== replicationPort(facts)).map(String),
        booleans: Object.entries(booleans).map(([name, value]) => `${name}=${value ? 'on' : 'off'}`),
      };
};

const replicationPort = (facts: Facts) => {
  const there = replicationThere(facts);
  return there.kind === 'ours' ? there.port : undefined;
};

const parseBoolean = (item: string) => {
  const [, name, value] = /^([a-z][a-z0-9_]{0,62})=(on|off)$/.exec(item) ?? [];
  return name === undefined ? undefined : {name, value: value === 'on'};
};

const booleansOf = (items: readonly string[]) => items.map(parseBoolean).filter(one => one !== undefined);

const texts = {
  port: {en: 'Write a port number from 1 to 65535.', ja: '1 から 65535 のポート番号を書いてください。'},
  boolean: {
    en: 'Write it as NAME=on or NAME=off.',
    ja: '「名前=on」または「名前=off」と書いてください。',
  },
  twice: {en: '{name} is named twice.', ja: '{name} が 2 回指定されています。'},
  wide: {
    en: 'This lets every program that looks names up listen on any free port; a port alone is allowed in selinux.ports.',
    ja: '名前解決を行う全プログラムが任意のポートで待ち受け可能になります。個別の許可は selinux.ports で行えます。',
  },
} satisfies Record<string, Text>;
