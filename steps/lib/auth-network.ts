import type {Finding} from '../../src/core/finding.js';
import {type AskContext, list, number, yesNo} from '../../src/core/question.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {canOpen, type Door, hostsProblem} from './network-listener.js';
import {answer, hasDovecot, hostnameOf} from './read.js';

/** Where the Postfix of other hosts asks for passwords; 12345 is the port of Postfix's own SASL_README. */
export const authDoor = {service: 'auth', name: 'postfix-login', port: 12_345, tls: false} satisfies Door;

/** Whether other hosts may ask this Dovecot for logins. */
export const hasNetworkAuth = (all: AllAnswers) =>
  hasDovecot(all) && answer<boolean>(all, 'auth', 'network') === true;

type Said = Pick<AskContext, 'answers'>;
const isOn = ({answers}: Said) => hasNetworkAuth(answers);

/** What is asked before another host's Postfix may have passwords checked here. */
export const authNetworkQuestions = {
  network: yesNo({
    ask: {
      en: 'Does the Postfix of another host ask this server for logins?',
      ja: '別のホストの Postfix が、ここにログインの確認を求めますか。',
    },
    help: {
      en: 'For people who send through a gateway. Passwords cross the network between the two in clear: say yes only where that is a private link (a VPN, a cable of your own).',
      ja: 'ゲートウェイ経由で送信する人のためです。両者の間をパスワードが平文で流れるため、専用の回線 (VPN や自前の配線) でのみ「はい」にしてください。',
    },
    why: {
      en: 'Dovecot’s protocol for this knows no TLS, and whoever reaches the port can try passwords.',
      ja: 'この通信に TLS はなく、ポートに届く者は誰でもパスワードを試せます。',
    },
    level: 'advanced',
    initial: () => false,
    validate: (on, context) => (on && !canOpen(authDoor, context) ? texts.noFirewall : undefined),
    caution: on => (on ? texts.clear : undefined),
  }),
  network_hosts: list({
    ask: {en: 'From which addresses may they ask?', ja: 'どのアドレスからの問い合わせを許可しますか。'},
    help: {
      en: 'Addresses or networks, IPv4 and IPv6; the firewall lets nobody else in.',
      ja: 'IPv4 と IPv6 のアドレスまたはネットワークです。ファイアウォールはほかを通しません。',
    },
    why: {
      en: 'Anybody else could guess passwords there without being slowed down.',
      ja: 'ほかの者が制限なしにパスワードを試せてしまいます。',
    },
    example: '10.0.0.5',
    level: 'basic',
    when: isOn,
    initial: () => undefined,
    validate: hostsProblem,
  }),
  network_port: number({
    ask: {en: 'On which port?', ja: 'どのポートで待ち受けますか。'},
    help: {
      en: '12345 is the usual example; any free one will do.',
      ja: '例では 12345 が使われます。空いていれば何番でも構いません。',
    },
    why: {en: 'The gateway has to name the same one.', ja: 'ゲートウェイ側でも同じ番号を指定します。'},
    level: 'advanced',
    when: isOn,
    min: 1024,
    max: 65_535,
    initial: () => authDoor.port,
  }),
};

/** What the other side has to be told. */
export const authNetworkNotes = (port: number, all: AllAnswers): readonly Finding[] =>
  hasNetworkAuth(all)
    ? [
        {
          id: 'auth:other-side',
          section: 'auth',
          severity: 'warning',
          summary: texts.clear,
          remedy: fill(texts.otherSide, {host: hostnameOf(all), port}),
        },
      ]
    : [];

const texts = {
  noFirewall: {
    en: 'No firewall that dovetail can set is active here (firewalld, ufw): anybody could try passwords at that port.',
    ja: '設定できるファイアウォール (firewalld, ufw) が動いていないため、誰でもこのポートでパスワードを試せてしまいます。',
  },
  clear: {
    en: 'Passwords of those who send through the gateway cross the network between the two hosts in clear.',
    ja: 'ゲートウェイ経由で送信する人のパスワードが、両ホストの間を平文で流れます。',
  },
  otherSide: {
    en: 'Only over a private link. There: smtpd_sasl_type = dovecot, smtpd_sasl_path = inet:{host}:{port}.',
    ja: '専用の回線でのみ使ってください。相手側: smtpd_sasl_type = dovecot、smtpd_sasl_path = inet:{host}:{port}。',
  },
} satisfies Record<string, Text>;
