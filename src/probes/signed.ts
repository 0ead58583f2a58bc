import {randomBytes} from 'node:crypto';
import type {Text} from '../core/text.js';
import {dkimPublicKey, verifySignatures} from '../pki/dkim.js';
import {withPassword} from './logins.js';
import {arrival, withMail} from './mail.js';
import {fail, pass, unchecked} from './result.js';
import {addressOf, notArrived, sendTest} from './submission.js';
import type {ProbeHandler} from './types.js';

/** A message goes in by submission; what arrives has a signature of its domain that holds by our key. It is removed again. */
export const signedMessage: ProbeHandler<'signed-message'> = (probe, context) =>
  withPassword(probe, context, async ({user}, password) => {
    const address = addressOf(probe, user);
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const used = probe.keys.find(key => key.domain === domain);
    if (used === undefined) {
      return [unchecked(probe, {summary: texts.noKey, values: {domain}, remedy: texts.noKeyRemedy})];
    }

    const mark = randomBytes(12).toString('hex');
    const started = Date.now();
    const refused = await sendTest(probe, context, {user, password, mark});
    if (refused !== undefined) {
      return refused;
    }

    return withMail(probe, context, user, password, async mail => {
      let source = '';
      const found = await arrival(mail, mark, started, ['INBOX', 'Junk'], bytes => {
        source = bytes.toString('latin1');
      });
      if (found === undefined) {
        return notArrived(probe, address);
      }

      const publicKey = dkimPublicKey(context.host.files.read(used.file)?.toString('latin1') ?? '');
      const signatures = verifySignatures(source, (signer, selector) =>
        signer === domain && selector === used.selector ? publicKey : undefined,
      );
      const values = {domain, selector: used.selector, problem: signatures[0]?.problem ?? ''};
      return signatures.some(({problem}) => problem === undefined)
        ? pass(probe, {summary: texts.good, values})
        : fail(probe, {
            summary: signatures.length === 0 ? texts.none : texts.broken,
            values,
            remedy: texts.remedy,
          });
    });
  });

const texts = {
  good: {
    en: 'A message of {domain} was signed (selector {selector}), and the signature holds; it was removed.',
    ja: '{domain} のメールに署名が付き (セレクター {selector})、検証できました (メールは削除しました)。',
  },
  none: {
    en: 'A message of {domain} arrived without a signature.',
    ja: '{domain} のメールが署名なしで届きました。',
  },
  broken: {
    en: 'The signature of a message of {domain} does not hold ({problem}).',
    ja: '{domain} のメールの署名を検証できません ({problem})。',
  },
  remedy: {
    en: 'See whether OpenDKIM answers: “systemctl status opendkim”, “journalctl -u opendkim -u {postfixUnit}”.',
    ja: 'OpenDKIM が応答しているか、「systemctl status opendkim」「journalctl -u opendkim -u {postfixUnit}」で確認してください。',
  },
  noKey: {
    en: 'Whether mail of {domain} is signed: no key signs for that domain.',
    ja: '{domain} に署名する鍵がないため、署名を確認していません。',
  },
  noKeyRemedy: {
    en: 'Check with an account of a domain that is signed.',
    ja: '署名対象のドメインのアカウントで確認してください。',
  },
} satisfies Record<string, Text>;
