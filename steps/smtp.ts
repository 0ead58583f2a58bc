import {list, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Want} from '../src/core/want.js';
import {accountsOf, domainsOf, hostnameOf, isServer} from './lib/read.js';
import {addressProblem} from './lib/validate.js';
import {networkProblem} from './lib/network.js';

const roles = ['postmaster', 'abuse', 'root'] as const;

/** Postfix's names, whom it trusts, and who reads the mail for the roles that every domain must have. */
export const smtp = defineStep({
  id: 'smtp',
  title: {en: 'Receiving mail', ja: 'メールの受信'},
  why: {
    en: 'A server that trusts too many sends spam for strangers within hours.',
    ja: '信用する範囲が広すぎると、数時間で迷惑メールの踏み台になります。',
  },
  needs: ['role', 'auth-passwdfile'],
  owns: [
    'main.cf:myhostname',
    'main.cf:mynetworks',
    'main.cf:inet_interfaces',
    'main.cf:mydestination',
    'main.cf:myorigin',
    'main.cf:virtual_alias_maps',
  ],
  questions: {
    admin: text({
      ask: {
        en: 'Who reads mail for root, postmaster and abuse?',
        ja: 'root、postmaster、abuse 宛のメールは誰が読みますか。',
      },
      help: {
        en: 'One of the mailboxes here, or an address elsewhere.',
        ja: 'ここのメールボックスか、ほかのアドレスです。',
      },
      why: {
        en: 'Every domain must have a postmaster who reads (RFC 5321, RFC 2142).',
        ja: 'どのドメインにも、読む人のいる postmaster が必要です (RFC 5321、RFC 2142)。',
      },
      level: 'basic',
      when: ({answers}) => isServer(answers),
      initial: ({answers}) => accountsOf(answers)[0]?.name,
      validate: (value, {answers}) => {
        const local = domainsOf(answers).includes(value.slice(value.indexOf('@') + 1));
        return (
          addressProblem(value) ??
          (local && !accountsOf(answers).some(({name}) => name === value) && accountsOf(answers).length > 0
            ? {en: 'There is no such mailbox here.', ja: 'そのメールボックスはここにありません。'}
            : undefined)
        );
      },
    }),
    networks: list({
      ask: {
        en: 'Which other machines may send through this server without a password?',
        ja: 'パスワードなしでこのサーバーから送信できるマシンはどれですか。',
      },
      help: {
        en: 'None is right for most. Networks such as 10.1.2.0/24.',
        ja: '通常は「なし」です。10.1.2.0/24 のように指定します。',
      },
      why: {
        en: 'Each of them can send mail in your name.',
        ja: 'それらはこのサーバーの名前でメールを送れます。',
      },
      level: 'advanced',
      initial: () => [],
      validateItem: networkProblem,
    }),
  },
  adopt: ({postfix}) => ({
    networks: (postfix?.settings['mynetworks'] ?? '')
      .split(/[\s,]+/)
      .filter(item => item !== '' && !/^(?:127\.|\[::)/.test(item)),
  }),
  plan: ({answers, all, facts}) => {
    const map = facts.postfix?.mapType ?? 'hash';
    const server = isServer(all);
    const networks = [
      '127.0.0.0/8',
      '[::ffff:127.0.0.0]/104',
      '[::1]/128',
      ...(answers.networks ?? []).map(network =>
        network.includes(':') ? network.replace(/^\[?([^\]/]+)\]?\//, '[$1]/') : network,
      ),
    ];
    const main = (at: string, value: string): Want => ({
      kind: 'setting',
      in: 'main.cf',
      at,
      op: 'set',
      value,
    });
    return [
      main('myhostname', hostnameOf(all)),
      main('mynetworks', networks.join(' ')),
      main('inet_interfaces', server ? 'all' : 'loopback-only'),
      main('mydestination', server ? '$myhostname, localhost.$mydomain, localhost' : ''),
      ...(server && facts.os.id === 'debian'
        ? [
            {
              kind: 'file' as const,
              path: '/etc/mailname',
              state: 'present' as const,
              content: [{text: `${hostnameOf(all)}\n`}],
              owner: 'root',
              group: 'root',
              mode: 0o644,
            },
          ]
        : []),
      ...(server && answers.admin !== undefined ? roleRows(domainsOf(all), answers.admin, map) : []),
      ...(server
        ? [{kind: 'port' as const, port: 25, protocol: 'tcp' as const, state: 'present' as const}]
        : []),
    ];
  },
  probes: ({all}) =>
    isServer(all)
      ? [
          {id: 'smtp:config', section: 'smtp', kind: 'postfix-config'},
          {
            id: 'smtp:roles',
            section: 'smtp',
            kind: 'role-addresses',
            addresses: domainsOf(all).flatMap(domain => roles.map(role => `${role}@${domain}`)),
          },
          {id: 'smtp:relay', section: 'smtp', kind: 'relay-refused', port: 25, domains: domainsOf(all)},
          {id: 'smtp:plaintext', section: 'smtp', kind: 'no-plaintext-login', protocol: 'smtp', port: 25},
        ]
      : [],
});

// For a virtual domain /etc/aliases is never read: the roles stand in the domain's own map, and root's local mail joins them.
const roleRows = (domains: readonly string[], admin: string, map: string): readonly Want[] => [
  {kind: 'setting', in: 'main.cf', at: 'virtual_alias_maps', op: 'set', value: `${map}:/etc/postfix/virtual`},
  {
    kind: 'rows',
    file: '/etc/postfix/virtual',
    format: 'table',
    ownership: {owner: 'root', group: 'root', mode: 0o644},
    compile: map,
    rows: domains.flatMap(domain =>
      roles.map(role => ({
        key: `${role}@${domain}`,
        state: 'present' as const,
        keep: true,
        content: [{text: `${role}@${domain} ${admin}`}],
      })),
    ),
  },
  {
    kind: 'rows',
    file: '/etc/aliases',
    format: 'aliases',
    ownership: {owner: 'root', group: 'root', mode: 0o644},
    compile: map,
    rows: [{key: 'root', state: 'present', content: [{text: `root: ${admin}`}]}],
  },
];
