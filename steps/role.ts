import {list, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {nameProblem} from './lib/validate.js';

/** What this machine is for, its name, and the domains of its mail. */
export const role = defineStep({
  id: 'role',
  title: {en: 'Role', ja: '役割'},
  why: {
    en: 'Everything else follows from what the machine shall do.',
    ja: 'マシンの役割がほかのすべてを決めます。',
  },
  needs: [],
  owns: [],
  questions: {
    kind: select({
      ask: {en: 'What shall this machine do?', ja: 'このマシンに何をさせますか。'},
      help: {
        en: 'A complete server receives, keeps and sends mail. A null client only passes on the mail of its own programs.',
        ja: '完全なサーバーはメールを受け取り、保管し、送ります。ヌルクライアントは自分のプログラムのメールを渡すだけです。',
      },
      why: {en: 'It decides which sections follow.', ja: 'この後のセクションが決まります。'},
      level: 'basic',
      choices: [
        {value: 'complete', label: {en: 'Complete mail server', ja: '完全なメールサーバー'}},
        {
          value: 'null-client',
          label: {en: 'Null client (sends through a relay)', ja: 'ヌルクライアント (中継サーバー経由で送信)'},
        },
      ],
      initial: () => 'complete',
    }),
    hostname: text({
      ask: {en: 'What is its name on the Internet?', ja: 'インターネット上での名前は何ですか。'},
      help: {
        en: 'The whole name, as other servers will look it up.',
        ja: 'ほかのサーバーが調べる完全な名前です。',
      },
      why: {
        en: 'Other servers trust mail only from a name that fits its address.',
        ja: '名前とアドレスが合わないサーバーのメールは信用されません。',
      },
      example: 'mail.example.com',
      level: 'basic',
      initial: ({facts}) => {
        const found =
          facts.host.addresses.map(address => facts.host.reverse[address]).find(name => name !== undefined) ??
          facts.host.fqdn;
        return found !== undefined && nameProblem(found) === undefined ? found : undefined;
      },
      validate: nameProblem,
    }),
    domains: list({
      ask: {en: 'Mail addresses here end in @…', ja: 'ここのメールアドレスは @ の後に何が付きますか。'},
      help: {en: 'One domain or more.', ja: '1 つ以上のドメインを指定します。'},
      why: {
        en: 'Mail for these domains is kept here; for all others it is not taken.',
        ja: 'これらのドメイン宛のメールだけを受け取って保管します。',
      },
      example: 'example.com',
      level: 'basic',
      when: ({answers}) => answers['role']?.['kind'] !== 'null-client',
      initial: ({answers}) => {
        const name = answers['role']?.['hostname'];
        return typeof name === 'string' && name.split('.').length > 2
          ? [name.slice(name.indexOf('.') + 1)]
          : undefined;
      },
      validateItem: nameProblem,
      validate: domains =>
        domains.length === 0
          ? {en: 'At least one domain is needed.', ja: 'ドメインが 1 つ以上必要です。'}
          : undefined,
    }),
  },
  adopt: ({postfix}) => {
    const hostname = postfix?.settings['myhostname'];
    const domains = postfix?.settings['virtual_mailbox_domains']?.split(/[\s,]+/).filter(Boolean);
    return {
      ...(hostname === undefined ? {} : {hostname}),
      ...(domains === undefined ? {} : {kind: 'complete' as const, domains}),
    };
  },
  plan: () => [],
  probes: () => [],
});
