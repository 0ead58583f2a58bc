import type {Finding} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {OwnedWant} from './wants.js';

/**
 * Wants without those that would take away a file which Postfix still names, and what is to be said of these. `configured`: main.cf
 * and master.cf as they will be: which section names a file in them is nothing that another one knows.
 */
export const withoutNamed = (
  wants: readonly OwnedWant[],
  configured: readonly string[],
): {readonly wants: readonly OwnedWant[]; readonly findings: readonly Finding[]} => {
  const findings: Finding[] = [];
  const left = wants.filter(({section, want}) => {
    const isNamed =
      want.kind === 'file' &&
      want.state === 'absent' &&
      want.unless === 'named-by-postfix' &&
      configured.some(text => names(text, want.path));
    if (isNamed) {
      findings.push({
        id: `kept:${want.path}`,
        section,
        severity: 'warning',
        summary: fill(texts.named, {path: want.path}),
        remedy: texts.remedy,
      });
    }

    return !isNamed;
  });
  return {wants: left, findings};
};

// By its last part: the way to it may be written as $config_directory. Comments name nothing (postconf(5)).
const names = (text: string, path: string) => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return text.split('\n').some(line => !/^\s*#/.test(line) && line.includes(name));
};

const texts = {
  named: {
    en: '{path} is not asked for accounts any more, but stays, with the password in it: main.cf or master.cf still names it.',
    ja: '{path} はアカウントの検索に使われなくなりますが、main.cf か master.cf がまだ参照しているため、中のパスワードとともに残します。',
  },
  remedy: {
    en: 'Where nothing needs it, take it out of what names it (“postconf -n”, “postconf -P”), then remove the file.',
    ja: '不要であれば、参照している設定 (「postconf -n」「postconf -P」) から外し、ファイルを削除してください。',
  },
} satisfies Record<string, Text>;
