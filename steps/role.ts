import {list, select, text} from '../src/core/question.js';
import type {Facts} from '../src/core/facts.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {accountsThere} from './lib/dovecot-there.js';
import {settingOf} from './lib/postfix.js';
import {hostnameOf} from './lib/read.js';
import {nameProblem} from './lib/validate.js';
import {domainsThere} from './lib/domains-there.js';
import {remoteThere} from './lib/remote-dovecot.js';

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
        en: 'A complete server receives, keeps and sends mail. Mailboxes alone: Postfix is not touched. A gateway checks mail and hands it to the Dovecot of another host. A null client only passes on the mail of its own programs.',
        ja: '完全なサーバーはメールを受け取り、保管し、送ります。メールボックスのみなら Postfix は変更しません。ゲートウェイはメールを検査し、別のホストの Dovecot に渡します。ヌルクライアントは自分のプログラムのメールを渡すだけです。',
      },
      why: {en: 'It decides which sections follow.', ja: 'この後のセクションが決まります。'},
      level: 'basic',
      choices: [
        {value: 'complete', label: {en: 'Complete mail server', ja: '完全なメールサーバー'}},
        {
          value: 'dovecot-only',
          label: {
            en: 'Mailboxes alone (Dovecot; mail comes in by other means)',
            ja: 'メールボックスのみ (Dovecot。メールは別の手段で届く)',
          },
        },
        {
          value: 'postfix-only',
          label: {
            en: 'Gateway (Postfix in front of the Dovecot of another host)',
            ja: 'ゲートウェイ (別のホストの Dovecot の前に立つ Postfix)',
          },
        },
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
        const {addresses, reverse, fqdn} = facts.host;
        return [...addresses.map(address => reverse[address]), fqdn]
          .filter(name => name !== undefined)
          .find(name => nameProblem(name) === undefined);
      },
      validate: nameProblem,
      caution: hostnameCaution,
      live: name => ({kind: 'resolves', name}),
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
          ? texts.noDomain
          : new Set(domains).size < domains.length
            ? texts.twice
            : undefined,
      caution: (domains, {answers, facts}) => domainsCaution(domains, hostnameOf(answers), facts),
    }),
  },
  adopt: facts => {
    if (!facts.configured.postfix) {
      return facts.configured.dovecot ? dovecotOnly(facts) : {};
    }

    const hostname = settingOf(facts, 'myhostname');
    const isNullClient =
      settingOf(facts, 'mydestination') === '' &&
      /^(?:loopback-only|localhost)$/.test(settingOf(facts, 'inet_interfaces') ?? '');
    // A list in a table, or one with $names, is the machine's own way.
    const domains = domainsThere(facts);
    if (isNullClient && domains.length === 0 && facts.configured.dovecot) {
      return dovecotOnly(facts);
    }

    return {
      ...(hostname === undefined || nameProblem(hostname) !== undefined ? {} : {hostname}),
      ...(isNullClient
        ? {kind: 'null-client' as const}
        : domains.length === 0
          ? {}
          : {kind: isGatewayThere(facts) ? ('postfix-only' as const) : ('complete' as const), domains}),
    };
  },
  plan: () => [],
  probes: () => [],
});

// Mail of the domains goes to another host, and nobody reads mail on this one.
const isGatewayThere = (facts: Facts) =>
  remoteThere(settingOf(facts, 'virtual_transport')) !== undefined && facts.dovecot === undefined;

// Mailboxes on a machine that takes no mail from outside: the name of the server is the machine's own.
const dovecotOnly = (facts: Facts) => {
  const {fqdn} = facts.host;
  const names = accountsThere(facts, '/etc/dovecot/users') ?? [];
  const domains = [...new Set(names.map(({name}) => name.slice(name.indexOf('@') + 1)))];
  return {
    kind: 'dovecot-only' as const,
    ...(fqdn === undefined || nameProblem(fqdn) !== undefined ? {} : {hostname: fqdn}),
    ...(domains.length === 0 ? {} : {domains}),
  };
};

function hostnameCaution(name: string, {facts}: {readonly facts: Facts}): Text | undefined {
  const pointers = Object.entries(facts.host.reverse);
  const [address, other] =
    pointers
      .map(([from, pointer]) => [from, pointer.replace(/\.$/, '')] as const)
      .find(([, pointer]) => pointer !== name && nameProblem(pointer) === undefined) ?? [];
  return name.includes('xn--')
    ? texts.international
    : address === undefined || other === undefined
      ? undefined
      : fill(texts.reverse, {address, other, name});
}

const domainsCaution = (domains: readonly string[], hostname: string, facts: Facts): Text | undefined => {
  if (domains.includes(hostname)) {
    return fill(texts.sameName, {name: hostname});
  }

  for (const domain of domains) {
    const hosts = facts.dns.mx[domain] ?? [];
    if (hosts.length > 0 && !hosts.some(host => host.replace(/\.$/, '') === hostname)) {
      return fill(texts.elsewhere, {domain, hosts: hosts.join(', ')});
    }
  }

  return undefined;
};

const texts = {
  noDomain: {en: 'At least one domain is needed.', ja: 'ドメインが 1 つ以上必要です。'},
  twice: {en: 'A domain is named twice.', ja: 'ドメインが重複しています。'},
  international: {
    en: 'This name stands for letters of other alphabets: make sure that it is the one you registered, since some look alike.',
    ja: 'この名前は英字以外の文字を表します。見た目の似た文字があるため、登録した名前か確認してください。',
  },
  reverse: {
    en: '{address} points back to {other}, not to {name}: many servers refuse mail from such an address.',
    ja: '{address} の逆引きは {name} ではなく {other} です。こうしたアドレスからのメールは多くのサーバーが拒否します。',
  },
  sameName: {
    en: '{name} is also the name of this machine; usually mail is for the domain above it.',
    ja: '{name} はこのマシンの名前でもあります。通常メールのドメインはその上位です。',
  },
  elsewhere: {
    en: 'Mail for {domain} goes to {hosts} at present: it comes here once the MX record names this server.',
    ja: '{domain} 宛のメールは現在 {hosts} に届きます。MX レコードがこのサーバーを指すとここに届きます。',
  },
} satisfies Record<string, Text>;
