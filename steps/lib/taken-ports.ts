import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import {isServed} from '../../src/core/open-ports.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {openPortsOf} from './ports.js';

/** Ports that the mail server needs and another program holds: it could not start. */
export const takenPorts = (all: AllAnswers, {listeners, otherMtas}: Facts): readonly Finding[] =>
  openPortsOf(all).flatMap(port => {
    const holder = listeners.find(
      listener => listener.port === port && !/^(?:127\.|::1$)/.test(listener.address),
    )?.process;
    // An MTA that the packages replace lets go of its port by itself.
    return holder === undefined ||
      isServed(listeners, port) ||
      otherMtas.some(name => name.startsWith(holder.replace(/\d+$/, '')))
      ? []
      : [
          {
            id: `services:port-${port}`,
            section: 'services',
            severity: 'warning' as const,
            summary: fill(texts.taken, {port, holder}),
            remedy: fill(texts.remedy, {port}),
          },
        ];
  });

const texts = {
  taken: {
    en: 'Port {port} is held by {holder}: the mail server cannot start, and everything would be put back.',
    ja: 'ポート {port} は {holder} が使用中のため、メールサーバーを起動できず、すべて元に戻されます。',
  },
  remedy: {
    en: 'Stop that program first (“ss -tlnp sport = :{port}” shows it).',
    ja: '先にそのプログラムを停止してください (「ss -tlnp sport = :{port}」で確認できます)。',
  },
} satisfies Record<string, Text>;
