import {defineStep} from '../src/core/step.js';

/** Small doors that nobody needs open. */
export const hardening = defineStep({
  id: 'hardening',
  title: {en: 'Hardening', ja: '堅牢化'},
  why: {
    en: 'VRFY tells strangers who exists; a client that does not greet is no mail server.',
    ja: 'VRFY は宛先の有無を漏らします。挨拶しない相手はメールサーバーではありません。',
  },
  needs: ['smtp'],
  owns: ['main.cf:disable_vrfy_command', 'main.cf:smtpd_helo_required'],
  questions: {},
  adopt: () => ({}),
  plan: () => [
    {kind: 'setting', in: 'main.cf', at: 'disable_vrfy_command', op: 'set', value: 'yes'},
    {kind: 'setting', in: 'main.cf', at: 'smtpd_helo_required', op: 'set', value: 'yes'},
  ],
  probes: () => [],
});
