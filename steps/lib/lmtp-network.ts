import type {Finding} from '../../src/core/finding.js';
import type {AllAnswers, AskContext} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {canOpen, type Door} from './network-listener.js';
import {hasNetworkLmtp, hostnameOf} from './read.js';

/** Port 24 is common for LMTP; no number is assigned to it (RFC 2033 forbids 25 alone). */
export const lmtpDoor = {service: 'lmtp', name: 'lmtps', port: 24, tls: true} satisfies Door;

/** Why the port cannot be opened: without a firewall that lets in nobody but those hosts, it would be open to all. */
export const networkProblem = (on: boolean, context: AskContext): Text | undefined =>
  on && !canOpen(lmtpDoor, context) ? texts.noFirewall : undefined;

/** What the other side has to be told. */
export const networkNotes = (port: number, all: AllAnswers): readonly Finding[] =>
  hasNetworkLmtp(all)
    ? [
        {
          id: 'lmtp:other-side',
          section: 'lmtp',
          severity: 'warning',
          summary: texts.otherSide,
          remedy: fill(texts.otherSideRemedy, {host: hostnameOf(all), port}),
        },
      ]
    : [];

const texts = {
  noFirewall: {
    en: 'LMTP has no passwords, and no firewall that dovetail can set is active here (firewalld, ufw): the port would be open to all.',
    ja: 'LMTP にパスワードはなく、設定できるファイアウォール (firewalld、ufw) も動いていないため、誰にでも開いてしまいます。',
  },
  otherSide: {
    en: 'The Postfix of the other hosts must hand over by TLS, and know who has a mailbox here.',
    ja: '相手の Postfix は TLS で渡し、ここにメールボックスのある宛先を知っている必要があります。',
  },
  otherSideRemedy: {
    en: 'dovetail does so there with the role of a gateway. By hand: virtual_transport = lmtp:inet:{host}:{port}, lmtp_tls_wrappermode = yes, lmtp_tls_security_level = verify, lmtp_tls_CAfile with the issuer of this certificate, lmtp_host_lookup = dns, native; recipients by a table of the accounts, or reject_unverified_recipient. The whole address is looked up here as the user name.',
    ja: '相手側の dovetail でゲートウェイの役割を選ぶとこう設定します。手作業なら virtual_transport = lmtp:inet:{host}:{port}、lmtp_tls_wrappermode = yes、lmtp_tls_security_level = verify、lmtp_tls_CAfile にこの証明書の発行者、lmtp_host_lookup = dns, native。宛先はアカウントの表か reject_unverified_recipient で確認します。ここではアドレス全体をユーザー名として検索します。',
  },
} satisfies Record<string, Text>;
