import type {Setting} from './types.js';
import {renewVariables} from './variables.js';

const options: Readonly<Record<string, string>> = {
  INBOX: 'mail_inbox_path',
  INDEX: 'mail_index_path',
  INDEXPVT: 'mail_index_private_path',
  INDEXCACHE: 'mail_cache_path',
  CONTROL: 'mail_control_path',
  ALT: 'mail_alt_path',
  VOLATILEDIR: 'mail_volatile_path',
  DIRNAME: 'mailbox_directory_name',
  MAILBOXDIR: 'mailbox_root_directory_name',
  SUBSCRIPTIONS: 'mailbox_subscriptions_filename',
};
const layouts: Readonly<Record<string, string>> = {fs: 'fs', 'maildir++': 'maildir++', index: 'index'};

/** `format:path:OPTION=value…` (2.3: Mail Location) as 2.4's own settings; undefined where an option is not understood. */
export const renewLocation = (
  location: string,
): readonly (readonly [key: string, value: string])[] | undefined => {
  const [format = '', path = '', ...rest] = location.split(':');
  const where = renewVariables(path);
  if (!/^(?:sdbox|mdbox|maildir|mbox)$/.test(format) || where === undefined) {
    return undefined;
  }

  const more = rest.filter(Boolean).map(option => {
    const [, name = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(option) ?? [];
    const renewed = renewVariables(value ?? '');
    if (name === 'UTF-8' && value === undefined) {
      return ['mailbox_list_utf8', 'yes'] as const;
    }

    const layout = name === 'LAYOUT' ? layouts[value?.toLowerCase() ?? ''] : undefined;
    return layout !== undefined
      ? (['mailbox_list_layout', layout] as const)
      : options[name] !== undefined && renewed !== undefined
        ? ([options[name], renewed] as const)
        : undefined;
  });
  const sure = more.filter(pair => pair !== undefined);
  // 2.4 would look for the inbox of a Maildir in `.INBOX` below it, where 2.3 has nothing (seen with 2.4.1).
  const isApart =
    format !== 'maildir' || sure.some(([key]) => /^mail_inbox_path$|^mailbox_list_layout$/.test(key));
  return sure.length === more.length
    ? [
        ['mail_driver', format],
        ['mail_path', where],
        ...(isApart ? [] : [['mail_inbox_path', where] as const]),
        ...sure,
      ]
    : undefined;
};

/** The same as settings of a block. */
export const locationIn = (path: Setting['path'], location: string): readonly Setting[] | undefined =>
  renewLocation(location)?.map(([key, value]) => ({path, key, value}));
