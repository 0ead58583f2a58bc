import type {Text} from '../core/text.js';
import {pass, warning} from './result.js';
import type {ProbeHandler} from './types.js';

/**
 * What Postfix's daemons see of /etc from inside their chroot (master(5), BASIC_CONFIGURATION_README): copies that Debian's start
 * script makes, and on Debian 12 a reload does not. With old ones they ask other name servers than this machine does.
 */
export const chrootCopies: ProbeHandler<'chroot-copies'> = async (probe, {host: {files}, facts}) => {
  const {services = [], queueDirectory = ''} = facts.postfix ?? {};
  if (!services.some(({columns}) => columns.chroot === 'y')) {
    return [];
  }

  const inside = `${queueDirectory}/etc`;
  const names = (files.list(inside) ?? []).filter(name => files.lstat(`${inside}/${name}`)?.type === 'file');
  const old = names.filter(name => {
    const own = files.read(`/etc/${name}`, {follow: true});
    return own !== undefined && files.read(`${inside}/${name}`)?.equals(own) !== true;
  });
  const values = {folder: inside, names: old.join(', ')};
  return [
    !names.includes('resolv.conf') && files.read('/etc/resolv.conf', {follow: true}) !== undefined
      ? warning(probe, {summary: texts.none, values, remedy: texts.remedy})
      : old.length > 0
        ? warning(probe, {summary: texts.old, values, remedy: texts.remedy})
        : pass(probe, {summary: texts.good, values}),
  ];
};

const texts = {
  good: {
    en: 'Postfix sees the same name servers and hosts as this machine ({folder}).',
    ja: 'Postfix はこのマシンと同じネームサーバーとホスト名を参照しています ({folder})。',
  },
  old: {
    en: 'Postfix works with old copies in {folder}: {names}. It may ask other name servers than this machine.',
    ja: 'Postfix は {folder} の古いコピー ({names}) を使っており、別のネームサーバーに照会している可能性があります。',
  },
  none: {
    en: 'Postfix finds no resolv.conf in its chroot ({folder}): it asks a name server on this machine itself, if there is one.',
    ja: 'Postfix の chroot ({folder}) に resolv.conf がなく、このマシン自身のネームサーバー (あれば) にだけ照会します。',
  },
  remedy: {
    en: '“systemctl restart postfix” copies them anew; a reload does not.',
    ja: '「systemctl restart postfix」で新しくコピーされます。reload ではされません。',
  },
} satisfies Record<string, Text>;
