import type {Probe} from '../src/core/probe.js';
import {select, text, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {milterThere, whenDownThere} from './lib/milters.js';
import {probeAccountOf} from './lib/people.js';
import {answer, hostnameOf, isServer} from './lib/read.js';
import {adminOf} from './lib/role-mail.js';
import {deliveryPath} from './lib/sieve-path.js';
import {
  isOthersOpenDkim,
  isSigning,
  selectorOf,
  signerOf,
  signersThere,
  signingDomains,
  signingKeyFile,
  signingUnit,
  signingWants,
  unsigningWants,
  waitingThere,
} from './lib/signing-wants.js';

/** Mail carries a signature of its domain, and DNS says who may send for it (DKIM, SPF, DMARC). */
export const signing = defineStep({
  id: 'signing',
  side: 'postfix',
  title: {en: 'Signing mail (DKIM)', ja: 'メールの署名 (DKIM)'},
  why: {
    en: 'Large receivers take mail without a signature for spam, or refuse it.',
    ja: '大手の受信側は、署名のないメールを迷惑メールとみなすか拒否します。',
  },
  needs: ['role', 'smtp', 'domains', 'submission'],
  owns: [
    'main.cf:smtpd_milters { unix:opendkim/*',
    'main.cf:non_smtpd_milters { unix:opendkim/*',
    `unit:${signingUnit}`,
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
    sign: yesNo({
      ask: {en: 'Sign the mail that leaves (DKIM)?', ja: '送信するメールに署名しますか (DKIM)。'},
      help: {
        en: 'OpenDKIM of the distribution signs it, and verifies what comes in. A record has to be published in DNS.',
        ja: 'ディストリビューションの OpenDKIM が署名し、受信メールを検証します。DNS への登録が必要です。',
      },
      why: {
        en: 'A signature shows that the mail is yours and was not changed on the way.',
        ja: '署名により、自分のメールであり途中で変更されていないことが示されます。',
      },
      level: 'advanced',
      initial: () => false,
      validate: (sign, {facts, platform}) =>
        !sign
          ? undefined
          : platform.packages.opendkim === undefined
            ? fill(texts.noPackage, {platform: platform.name})
            : isOthersOpenDkim(facts)
              ? texts.others
              : undefined,
    }),
    selector: text({
      ask: {
        en: 'Under which name does DNS have the key (selector)?',
        ja: 'DNS での鍵の名前 (セレクター) は何ですか。',
      },
      help: {
        en: 'Another name later makes a new key: the old one signs until the record of the new one is seen in DNS.',
        ja: '後で名前を変えると新しい鍵を作ります。DNS に新しいレコードが見えるまでは古い鍵で署名します。',
      },
      why: {
        en: 'With a new name a key can be replaced while mail is on its way.',
        ja: '名前を変えることで、配送中のメールに影響なく鍵を交換できます。',
      },
      example: 'mail2027',
      level: 'advanced',
      when: ({answers}) => isSigning(answers),
      initial: () => 'mail',
      // RFC 6376, 3.1: a label of DNS; OpenDKIM's tables and file names take these as they are.
      validate: selector =>
        /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(selector) ? undefined : texts.selector,
    }),
    when_down: select({
      ask: {
        en: 'What happens to mail while the signer does not answer?',
        ja: '署名プログラムが応答しない間、メールをどうしますか。',
      },
      help: {
        en: 'Going on sends it unsigned; waiting asks the sender to come again, of all mail.',
        ja: '「通す」では署名なしで送ります。「待たせる」ではすべてのメールについて送信元に再送を求めます。',
      },
      why: {
        en: 'Either mail without a signature, or no mail at all until it is mended.',
        ja: '復旧まで、署名のないメールになるか、メールが止まるかの選択です。',
      },
      level: 'advanced',
      when: ({answers}) => isSigning(answers),
      choices: [
        {value: 'accept', label: {en: 'It goes on without', ja: '通す'}},
        {value: 'tempfail', label: {en: 'It waits', ja: '待たせる'}},
      ],
      initial: () => 'accept',
    }),
  },
  packages: ({answers}) => (answers.sign === true ? ['opendkim'] : []),
  materials: ({all}) =>
    isSigning(all)
      ? [
          {
            id: 'dkim.key',
            kind: 'key',
            spec: {algorithm: 'rsa-2048'},
            existing: signingKeyFile(selectorOf(all)),
          },
        ]
      : [],
  adopt: facts => {
    if (!facts.configured.postfix || isOthersOpenDkim(facts)) {
      return {};
    }

    const [selector] = signersThere(facts);
    return milterThere(facts, 'opendkim') === undefined || selector === undefined
      ? {sign: false}
      : {sign: true, selector, when_down: whenDownThere(facts, 'opendkim')};
  },
  plan: ({answers, all, facts, materials}) =>
    answers.sign === true
      ? signingWants(all, facts, materials)
      : answers.sign === false
        ? unsigningWants(facts)
        : [],
  probes: ({all, facts}): readonly Probe[] => {
    if (!isSigning(all)) {
      return [];
    }

    const section = 'signing';
    const {submit, imap, domain} = deliveryPath(all, facts);
    const admin = adminOf(all);
    const relay = answer<string>(all, 'relay', 'how') === 'smarthost';
    return [
      {id: 'signing:service', section, kind: 'service', unit: signingUnit},
      ...(submit === undefined
        ? []
        : [
            {
              id: 'signing:message',
              section,
              kind: 'signed-message' as const,
              keys: signingDomains(all).map(name => {
                const selector = signerOf(all, facts, name);
                return {domain: name, selector, file: signingKeyFile(selector)};
              }),
              name: hostnameOf(all),
              submit,
              imap,
              ...(domain === undefined ? {} : {domain}),
              ...probeAccountOf(all),
            },
          ]),
      ...signingDomains(all).flatMap(name => [
        ...[...new Set([selectorOf(all), ...waitingThere(facts, name)])].map(selector => ({
          id: `signing:dkim:${selector}:${name}`,
          section,
          kind: 'dkim-record' as const,
          domain: name,
          selector,
          file: signingKeyFile(selector),
        })),
        {
          id: `signing:spf:${name}`,
          section,
          kind: 'spf-record' as const,
          domain: name,
          hostname: hostnameOf(all),
          relay,
        },
        {
          id: `signing:dmarc:${name}`,
          section,
          kind: 'dmarc-record' as const,
          domain: name,
          ...(admin === undefined ? {} : {admin}),
        },
      ]),
    ];
  },
  notes: ({all, facts}) =>
    isSigning(all)
      ? signingDomains(all).flatMap(domain => {
          const now = signerOf(all, facts, domain);
          const next = selectorOf(all);
          return now === next
            ? []
            : [
                {
                  id: `signing:waits:${domain}`,
                  section: 'signing',
                  severity: 'warning' as const,
                  summary: fill(texts.waits, {domain, now, next}),
                  remedy: fill(texts.waitsRemedy, {domain, next}),
                },
              ];
        })
      : [],
});

const texts = {
  noPackage: {
    en: '{platform} has no OpenDKIM in its own repositories.',
    ja: '{platform} のリポジトリーに OpenDKIM はありません。',
  },
  others: {
    en: 'OpenDKIM is set up here in another way already: it is left as it is.',
    ja: 'OpenDKIM は別の方法で設定済みのため、そのままにします。',
  },
  selector: {
    en: 'Small letters, digits and hyphens, as in a name of DNS.',
    ja: 'DNS 名と同じく、英小文字、数字、ハイフンだけが使えます。',
  },
  waits: {
    en: 'Mail of {domain} is signed with “{now}” until DNS has the record of “{next}”.',
    ja: '「{next}」のレコードが DNS に見えるまで、{domain} のメールは「{now}」で署名します。',
  },
  waitsRemedy: {
    en: 'Publish {next}._domainkey.{domain} (“dovetail check” prints it), then run this again; leave the old record for a week more.',
    ja: '{next}._domainkey.{domain} を登録し (「dovetail check」が表示します)、再実行してください。古いレコードは 1 週間残します。',
  },
} satisfies Record<string, Text>;
