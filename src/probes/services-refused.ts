import type {Text} from '../core/text.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeHandler} from './types.js';

/** sysexits.h(3), EX_NOUSER: what doveadm-user(1) ends with for who is not there. */
const noUser = 67;

/** Asked as LMTP asks at RCPT, Dovecot knows none of these users of the machine: nothing is taken for them that could only wait. */
export const servicesRefused: ProbeHandler<'services-refused'> = async (probe, {host}) => {
  for (const name of probe.names) {
    const {exitCode, stdout, stderr, timedOut} = await host.run('/usr/bin/doveadm', [
      'user',
      '-x',
      'service=lmtp',
      name,
    ]);
    if (timedOut) {
      return [unchecked(probe, {summary: texts.slow, remedy: common.slowRemedy})];
    }

    if (exitCode !== noUser) {
      const evidence = (stdout + stderr).trim().split('\n').slice(-2);
      // Found, or found and only then refused by their number: at RCPT both are taken.
      return [
        exitCode === 0 || /not permitted|as uid/.test(stdout + stderr)
          ? fail(probe, {summary: texts.taken, values: {name}, remedy: texts.takenRemedy, evidence})
          : unchecked(probe, {summary: texts.slow, remedy: common.logRemedy, evidence}),
      ];
    }
  }

  return [pass(probe, {summary: texts.refused, values: {names: probe.names.join(', ')}})];
};

const texts = {
  refused: {
    en: 'LMTP has no mailbox for users who are no people ({names}).',
    ja: 'LMTP は人でないユーザー ({names}) のメールを受け取りません。',
  },
  taken: {
    en: 'LMTP takes mail for {name}, who is no person of this machine: it would wait for days, and bounce.',
    ja: 'LMTP が人でないユーザー {name} 宛のメールを受け取ります。何日も滞留した後に送り返されます。',
  },
  takenRemedy: {
    en: 'Look what stands in “doveconf -n” under protocol lmtp, and run “dovetail lmtp” again.',
    ja: '「doveconf -n」の protocol lmtp を確認し、「dovetail lmtp」をもう一度実行してください。',
  },
  slow: {
    en: 'Whether LMTP refuses mail for users who are no people.',
    ja: 'LMTP が人でないユーザー宛のメールを拒否するかどうか。',
  },
} satisfies Record<string, Text>;
