import type {Text} from '../core/text.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeHandler} from './types.js';

/** The daemons' own parsers take their configuration. */
export const dovecotConfig: ProbeHandler<'dovecot-config'> = async (probe, {host}) => {
  const {exitCode, stderr, timedOut} = await host.run('/usr/bin/doveconf', ['-n']);
  if (timedOut) {
    return [unchecked(probe, {summary: texts.doveconfSlow, remedy: common.slowRemedy})];
  }

  return [
    exitCode === 0
      ? pass(probe, {summary: texts.doveconf})
      : fail(probe, {
          summary: texts.doveconfBad,
          remedy: texts.configRemedy,
          evidence: stderr.trim().split('\n').slice(-3),
        }),
  ];
};

export const postfixConfig: ProbeHandler<'postfix-config'> = async (probe, {host}) => {
  const {exitCode, stderr, timedOut} = await host.run('/usr/sbin/postfix', ['check']);
  // On a machine that is very busy it takes longer than a command may: that says nothing of the configuration.
  if (timedOut) {
    return [unchecked(probe, {summary: texts.postfixSlow, remedy: common.slowRemedy})];
  }

  return [
    exitCode === 0
      ? pass(probe, {summary: texts.postfix})
      : fail(probe, {
          summary: texts.postfixBad,
          remedy: texts.configRemedy,
          evidence: stderr.trim().split('\n').slice(-3),
        }),
  ];
};

const texts = {
  doveconf: {en: 'Dovecot accepts its configuration.', ja: 'Dovecot の設定は有効です。'},
  doveconfBad: {en: 'Dovecot does not accept its configuration.', ja: 'Dovecot の設定に誤りがあります。'},
  postfix: {en: 'Postfix accepts its configuration.', ja: 'Postfix の設定は有効です。'},
  postfixSlow: {
    en: 'Whether Postfix accepts its configuration: “postfix check” took too long.',
    ja: '「postfix check」に時間がかかりすぎ、Postfix の設定を確認していません。',
  },
  doveconfSlow: {
    en: 'Whether Dovecot accepts its configuration: “doveconf -n” took too long.',
    ja: '「doveconf -n」に時間がかかりすぎ、Dovecot の設定を確認していません。',
  },
  postfixBad: {en: 'Postfix does not accept its configuration.', ja: 'Postfix の設定に誤りがあります。'},
  configRemedy: {
    en: 'Roll back, or correct the line that is named.',
    ja: 'ロールバックするか、示された行を修正してください。',
  },
} satisfies Record<string, Text>;
