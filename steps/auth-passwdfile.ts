import {passwordProblem} from '../src/core/password-policy.js';
import {accounts, select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill} from '../src/core/text.js';
import {accountsThere} from './lib/dovecot-there.js';
import {hasList} from './lib/people.js';
import {accountsOf, domainsOf, hasDovecot, mailRootOf, mailUserOf} from './lib/read.js';
import {addressProblem} from './lib/validate.js';

const file = '/etc/dovecot/users';

/** The list of accounts that is kept on this server. */
export const authPasswdfile = defineStep({
  id: 'auth-passwdfile',
  side: 'dovecot',
  title: {en: 'Accounts', ja: 'アカウント'},
  why: {
    en: 'A list of its own needs no other server, and no account of it can log in to the system.',
    ja: '専用の一覧なら別のサーバーは不要で、システムへのログインにも使えません。',
  },
  needs: ['role', 'vmail', 'auth'],
  owns: [],
  applies: (_facts, all) => hasDovecot(all) && hasList(all),
  questions: {
    accounts: accounts({
      ask: {en: 'Who gets the first mailbox?', ja: '最初のメールボックスは誰のものですか。'},
      help: {
        en: 'The whole mail address; it is also the name to log in with. Accounts that are there stay, with their password; “dovetail users” changes them.',
        ja: 'メールアドレス全体で、ログイン名にもなります。既存のアカウントはパスワードも含めてそのままです (変更は「dovetail users」)。',
      },
      why: {
        en: 'With it the server is proved by a real login and a real message.',
        ja: '実際のログインとメールでサーバーを確認できます。',
      },
      example: 'anna@example.com',
      level: 'basic',
      initial: () => undefined,
      validate: (value, {answers, facts}) => {
        const there = new Set((facts.files[file] ?? '').split('\n').map(line => line.split(':')[0]));
        const silent = value.find(({name, password}) => password === 'keep' && !there.has(name));
        const problem = value.map(({name}) => addressProblem(name)).find(Boolean);
        const stranger = value.find(
          ({name}) => !domainsOf(answers).includes(name.slice(name.indexOf('@') + 1)),
        );
        const twice = value.find(({name}, index) => value.findIndex(other => other.name === name) !== index);
        return (
          problem ??
          (silent === undefined ? undefined : fill(texts.silent, {name: silent.name})) ??
          (stranger === undefined ? undefined : fill(texts.stranger, {name: stranger.name})) ??
          (twice === undefined ? undefined : fill(texts.twice, {name: twice.name}))
        );
      },
      validateSecret: (password, _context, name) => passwordProblem(password, name),
    }),
    scheme: select({
      ask: {en: 'How are passwords kept?', ja: 'パスワードをどのように保存しますか。'},
      help: {en: 'As a hash that cannot be turned back.', ja: '元に戻せないハッシュで保存します。'},
      why: {
        en: 'Who steals the list must not get the passwords.',
        ja: '一覧が盗まれてもパスワードは守られます。',
      },
      level: 'advanced',
      choices: [
        {value: 'BLF-CRYPT', label: {en: 'bcrypt, 12 rounds', ja: 'bcrypt (12 ラウンド)'}},
        {value: 'SHA512-CRYPT', label: {en: 'SHA-512 crypt, for FIPS', ja: 'SHA-512 crypt (FIPS 用)'}},
      ],
      initial: ({facts}) => (facts.fips ? 'SHA512-CRYPT' : 'BLF-CRYPT'),
    }),
  },
  materials: ({answers, facts}) => {
    const there = new Set((facts.files[file] ?? '').split('\n').map(line => line.split(':')[0]));
    return (answers.accounts ?? [])
      .filter(({name}) => !there.has(name))
      .map(({name, password}) => ({
        id: `hash:${name}`,
        user: name,
        kind: 'password-hash' as const,
        scheme: answers.scheme ?? 'BLF-CRYPT',
        password,
      }));
  },
  adopt: facts => {
    const accounts = accountsThere(facts, file);
    return accounts === undefined ? {} : {accounts};
  },
  plan: ({answers, all, materials}) => {
    const virtual = {uid: mailUserOf(all), gid: mailUserOf(all), home: `${mailRootOf(all)}/{domain}/{name}`};
    const scheme = answers.scheme ?? 'BLF-CRYPT';
    return [
      {
        kind: 'block',
        in: 'dovecot',
        at: 'passdb',
        value: {driver: 'passwd-file', file, scheme},
        state: 'present',
      },
      {
        kind: 'block',
        in: 'dovecot',
        at: 'userdb',
        value: {driver: 'passwd-file', file, virtual},
        state: 'present',
      },
      {
        kind: 'rows',
        file,
        format: 'passwd',
        secret: true,
        ownership: {owner: 'root', group: 'dovecot', mode: 0o640},
        rows: accountsOf(all)
          .filter(({name}) => materials[`hash:${name}`] !== undefined)
          .map(({name}) => ({
            key: name,
            state: 'present' as const,
            keep: true,
            content: [{text: `${name}:`}, {material: `hash:${name}`}, {text: '::::::'}],
          })),
      },
    ];
  },
  probes: ({answers}) => [
    {
      id: 'accounts:listed',
      section: 'auth-passwdfile',
      kind: 'users-listed',
      expect: (answers.accounts ?? []).map(({name}) => name),
    },
  ],
});

const texts = {
  stranger: {
    en: '{name} is not in one of the domains of this server.',
    ja: '{name} はこのサーバーのドメインに属していません。',
  },
  silent: {
    en: '{name} is new and needs a password.',
    ja: '{name} は新しいアカウントのため、パスワードが必要です。',
  },
  twice: {en: '{name} is there twice.', ja: '{name} が重複しています。'},
};
