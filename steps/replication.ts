import type {Finding} from '../src/core/finding.js';
import {list, number, secretQuestion, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {replicationPaths} from '../templates/replication.js';
import {probeAccountOf} from './lib/people.js';
import {isSettable} from './lib/firewall-rules.js';
import {isFirewallManaged} from './lib/ports.js';
import {hasDovecot, hostnameOf} from './lib/read.js';
import {
  addressesProblem,
  hasCertificate,
  hasPassword,
  isPaired,
  pairMaterials,
  pairProblem,
  replicationThere,
  replicationWants,
  usualConnections,
  usualPort,
} from './lib/replication.js';
import {replicationTexts as texts} from './lib/replication-texts.js';
import {nameProblem} from './lib/validate.js';

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const own = ({answers}: Said, question: string) => answers['replication']?.[question];
const paired = ({answers}: Said) => isPaired(answers);
const withTls = (said: Said) => paired(said) && (own(said, 'tls') ?? 'pair') === 'pair';

/** Two servers with the same mail. */
export const replication = defineStep({
  id: 'replication',
  side: 'dovecot',
  title: {en: 'Two servers (replication)', ja: '2 台構成 (レプリケーション)'},
  why: {
    en: 'Where one server stops, people go on reading the same mail on the other.',
    ja: '1 台が止まっても、もう 1 台で同じメールを読み続けられます。',
  },
  needs: ['role', 'vmail', 'storage', 'auth'],
  owns: [
    `path:${replicationPaths.settings}`,
    `path:${replicationPaths.tls}`,
    'path:/etc/dovecot/replication*',
    'selinux.port:*',
    'port:*',
  ],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    mode: select({
      ask: {en: 'Keep all mail on a second server too?', ja: '全メールを 2 台目のサーバーにも保持しますか。'},
      help: {
        en: 'Both are used alike, and what happens on one comes to the other within seconds. It is no backup: what is deleted is deleted on both.',
        ja: '2 台は対等で、変更は数秒で相手に届きます。バックアップではありません。削除も両方に反映されます。',
      },
      why: {
        en: 'One server can then be repaired while the other is used.',
        ja: '片方を使いながら、もう片方を修理できます。',
      },
      level: 'advanced',
      choices: [
        {value: 'off', label: {en: 'No', ja: 'いいえ'}},
        {value: 'pair', label: {en: 'Yes, as a pair', ja: 'はい (2 台)'}, unavailable: pairProblem},
      ],
      initial: () => 'off',
      validate: (mode, {facts}) => {
        const there = replicationThere(facts);
        return mode === 'pair' && there.kind === 'other' ? fill(texts.other, {file: there.file}) : undefined;
      },
    }),
    partner: text({
      ask: {en: 'What is the other server called?', ja: 'もう 1 台のサーバー名は何ですか。'},
      help: {
        en: 'Its whole name, as this machine can look it up.',
        ja: 'このマシンから名前解決できる完全な名前です。',
      },
      why: {
        en: 'The certificate of the pair carries both names.',
        ja: 'ペアの証明書に両方の名前が入ります。',
      },
      example: 'mail2.example.com',
      level: 'basic',
      when: paired,
      initial: () => undefined,
      validate: (name, {answers}) =>
        nameProblem(name) ?? (name === hostnameOf(answers) ? texts.itself : undefined),
      live: name => ({kind: 'resolves', name}),
    }),
    addresses: list({
      ask: {en: 'From which addresses does it come?', ja: '相手はどのアドレスから接続しますか。'},
      help: {
        en: 'All of its addresses, IPv4 and IPv6; the firewall lets nobody else in.',
        ja: '相手の IPv4 と IPv6 の全アドレスです。ファイアウォールはほかを通しません。',
      },
      why: {
        en: 'Whoever reaches the port and knows the password reads all mail.',
        ja: 'ポートに到達しパスワードを知っていれば、全メールを読めます。',
      },
      example: '192.0.2.6 2001:db8::6',
      level: 'basic',
      when: paired,
      initial: () => undefined,
      validate: addressesProblem,
    }),
    port: number({
      ask: {en: 'On which port do the two meet?', ja: '2 台はどのポートで通信しますか。'},
      help: {en: 'The same on both.', ja: '両方で同じにします。'},
      why: {en: 'No port is assigned to it.', ja: '決まった番号はありません。'},
      level: 'advanced',
      when: paired,
      min: 1024,
      max: 65_535,
      initial: () => usualPort,
    }),
    connections: number({
      ask: {en: 'How many mailboxes at a time?', ja: '同時に同期するメールボックス数はいくつですか。'},
      help: {en: 'More are quicker, and cost more memory.', ja: '多いほど速く、メモリーも使います。'},
      why: {en: 'Each takes a process on both servers.', ja: '両サーバーで 1 つずつプロセスを使います。'},
      level: 'advanced',
      when: paired,
      min: 1,
      max: 100,
      initial: () => usualConnections,
    }),
    tls: select({
      ask: {en: 'How is the way between them protected?', ja: '2 台の間の通信をどう保護しますか。'},
      help: {
        en: 'The pair has a certificate of its own that both check, so that no renewal of another one parts them.',
        ja: 'ペア専用の証明書を双方が検証します。ほかの証明書の更新で途切れることはありません。',
      },
      why: {
        en: 'All mail crosses the network, and so does the password (common advice leaves both in clear).',
        ja: '全メールとパスワードが流れます (よくある手順では平文のままです)。',
      },
      level: 'advanced',
      when: paired,
      choices: [
        {value: 'pair', label: {en: 'TLS, by the pair’s own certificate', ja: 'ペア専用証明書による TLS'}},
        {value: 'none', label: {en: 'Not at all', ja: '保護しない'}},
      ],
      initial: () => 'pair',
      caution: tls => (tls === 'none' ? texts.clear : undefined),
    }),
    password: secretQuestion({
      ask: {en: 'What is the password of the pair?', ja: 'ペアのパスワードは何ですか。'},
      help: {
        en: 'The same on both; it is written to a file that only root can read.',
        ja: '両方で同じにします。root だけが読めるファイルに書き込みます。',
      },
      why: {en: 'It opens every mailbox.', ja: 'すべてのメールボックスを開けるパスワードです。'},
      level: 'basic',
      canGenerate: false,
      when: paired,
      initial: ({facts}) => (hasPassword(facts) ? 'keep' : undefined),
      validate: (password, {facts}) =>
        password === 'keep' && !hasPassword(facts)
          ? texts.nothingToKeep
          : password === 'generate'
            ? texts.notGenerated
            : undefined,
      validateSecret: value => (/^[\w.~+/=-]{16,128}$/.test(value) ? undefined : texts.alphabet),
    }),
    certificate: secretQuestion({
      ask: {en: 'Where is the certificate of the pair?', ja: 'ペアの証明書はどこにありますか。'},
      help: {
        en: '“generate” on the server that is set up first; the other one gets that file.',
        ja: '先に設定するサーバーでは「generate」、もう 1 台にはそのファイルを渡します。',
      },
      why: {en: 'Both show it, and both take no other.', ja: '双方がこれを提示し、ほかは受け付けません。'},
      level: 'advanced',
      canGenerate: true,
      when: withTls,
      initial: () => 'generate',
      validate: (certificate, context) =>
        certificate === 'keep' && !hasCertificate(context.facts) ? texts.nothingToKeep : undefined,
      validateSecret: value =>
        /^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\s*$/.test(value)
          ? undefined
          : texts.notPem,
    }),
    key: secretQuestion({
      ask: {en: 'Where is its key?', ja: 'その鍵はどこにありますか。'},
      help: {en: 'It goes with the certificate.', ja: '証明書と対になるものです。'},
      why: {en: 'Only root may read it.', ja: 'root だけが読めるようにします。'},
      level: 'advanced',
      canGenerate: true,
      when: withTls,
      initial: context => ofCertificate(own(context, 'certificate')),
      validate: (key, context) =>
        kindOf(key) === kindOf(own(context, 'certificate') ?? 'generate') ? undefined : texts.together,
      validateSecret: value =>
        /^-----BEGIN (?:EC |RSA )?PRIVATE KEY-----\n[\s\S]+-----END (?:EC |RSA )?PRIVATE KEY-----\s*$/.test(
          value,
        )
          ? undefined
          : texts.notPem,
    }),
  },
  materials: ({answers, all}) => (isPaired(all) ? pairMaterials(answers, hostnameOf(all)) : []),
  adopt: facts => {
    if (!facts.configured.dovecot) {
      return {};
    }

    const there = replicationThere(facts);
    switch (there.kind) {
      case 'other':
        return {};
      case 'ours': {
        const {kind: _kind, user: _user, ...pair} = there;
        return {mode: 'pair' as const, ...pair, password: 'keep' as const, ...kept(facts)};
      }
      case 'none':
        // Empty ones: what is asked for on top is complete only with answers of its own.
        return {mode: 'off' as const, ...nothingSaid};
    }
  },
  plan: ({answers, all, facts, materials}): readonly Want[] =>
    answers.mode === undefined
      ? []
      : replicationWants(answers, all, facts, id => materials[id]?.reused !== true),
  probes: ({answers: {partner = '', port = usualPort, tls = 'pair'}, all, facts}) =>
    isPaired(all)
      ? [
          {id: 'replication:ports', section: 'replication', kind: 'ports', open: [port], closed: []},
          ...(isFirewallManaged(all) && isSettable(facts)
            ? [
                {
                  id: 'replication:strangers',
                  section: 'replication',
                  kind: 'closed-to-strangers',
                  port,
                } as const,
              ]
            : []),
          {
            id: 'replication',
            section: 'replication',
            kind: 'replication',
            partner,
            port,
            password: replicationPaths.password,
            ...(tls === 'pair' ? {certificate: replicationPaths.certificate} : {}),
            ...probeAccountOf(all),
          },
        ]
      : [],
  notes: ({answers: {partner = '', port = usualPort, addresses = []}, all, facts}): readonly Finding[] =>
    isPaired(all)
      ? [
          ...(replicationThere(facts).kind === 'ours'
            ? []
            : [
                {
                  id: 'replication:other-side',
                  section: 'replication',
                  severity: 'warning' as const,
                  summary: fill(texts.otherSide, {partner}),
                  remedy: texts.otherSideRemedy,
                },
              ]),
          ...(isFirewallManaged(all) && isSettable(facts)
            ? []
            : [
                {
                  id: 'replication:open',
                  section: 'replication',
                  severity: 'warning' as const,
                  summary: texts.open,
                  remedy: fill(texts.openRemedy, {addresses: addresses.join(', '), port}),
                },
              ]),
        ]
      : [],
});

const nothingSaid = {
  partner: '',
  addresses: [],
  port: usualPort,
  connections: usualConnections,
  tls: 'pair',
  password: 'keep',
  certificate: 'generate',
  key: 'generate',
} as const;

const kept = (facts: Parameters<typeof hasCertificate>[0]) =>
  hasCertificate(facts) ? ({certificate: 'keep', key: 'keep'} as const) : {};

const kindOf = (ref: unknown) => (typeof ref === 'string' ? ref : 'given');
const ofCertificate = (certificate: unknown) =>
  certificate === 'keep'
    ? ('keep' as const)
    : certificate === 'generate' || certificate === undefined
      ? ('generate' as const)
      : undefined;
