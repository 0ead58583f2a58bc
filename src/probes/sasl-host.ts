import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {fail, pass} from './result.js';
import type {ProbeHandler} from './types.js';

/** The Dovecot of another host answers who asks it for logins, and takes passwords (PLAIN). Nobody's password is sent. */
export const saslHost: ProbeHandler<'sasl-host'> = async probe => {
  const values = {host: probe.host, port: probe.port};
  const result = await play({
    address: probe.host,
    port: probe.port,
    protocol: 'dovecot-auth',
    tls: 'none',
    lines: [],
  });
  const [handshake = ''] = result.replies;
  return [
    /^MECH\tPLAIN\b/m.test(handshake)
      ? pass(probe, {summary: texts.good, values})
      : fail(probe, {
          summary: texts.unusable,
          values,
          remedy: texts.remedy,
          evidence: result.kind === 'refused' ? [result.reason] : handshake.split('\n').slice(0, 5),
        }),
  ];
};

const texts = {
  good: {
    en: 'The Dovecot of {host}, port {port}, answers for logins.',
    ja: '{host} (ポート {port}) の Dovecot がログインの確認に応答します。',
  },
  unusable: {
    en: '{host}, port {port}, does not answer for logins: nobody could send.',
    ja: '{host} (ポート {port}) がログインの確認に応答せず、誰も送信できません。',
  },
  remedy: {
    en: 'There: “dovetail auth”, with the address of this machine among those that may ask.',
    ja: '相手側で「dovetail auth」を使い、このマシンのアドレスを許可してください。',
  },
} satisfies Record<string, Text>;
