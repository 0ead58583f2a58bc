import {unquote} from '../config/dovecot/parse.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, type Ruling, settingsIn} from './types.js';
import {renewVariables} from './variables.js';

/** Quotas (2.3: Quota Configuration): one block a root, `quota2_…` for the second. */
export const quota = ({path, key, value}: Item, items: readonly Item[]): Ruling => {
  const [, number = '', what = ''] = /^quota(\d*)(?:_([a-z_]+?)\d*)?$/.exec(key) ?? [];
  const root = [...path, {type: 'quota', name: rootName(number, items)}];
  switch (what) {
    case '': {
      const [driver = '', , ...options] = value.split(':');
      // What keeps its sums elsewhere must be counted anew, which a person starts.
      return options.length > 0 || !/^(?:count|maildir|fs)$/.test(driver)
        ? byHand(notes.quota)
        : changed([{path: root, key: 'driver', value: driver}]);
    }

    case 'rule':
      return rule(value, root);
    case 'warning':
      return warning(key, value, root);
    case 'max_mail_size':
      return changed([{path, key: 'quota_mail_size', value: limitOf(value)}]);
    case 'exceeded_message':
      return changed([{path, key: 'quota_exceeded_message', value: quoted(value)}]);
    case 'grace': {
      const size = /^(\d+)([BKMG])$/i.exec(value);
      return size === null ? byHand(notes.quota) : changed([{path, key: 'quota_storage_grace', value}]);
    }

    case 'vsizes':
      return changed([]);
    default:
      return byHand(notes.quota);
  }
};

const rootName = (number: string, items: readonly Item[]) => {
  const value = items.findLast(({key}) => key === `quota${number}`)?.value ?? '';
  return unquote(value).split(':')[1] || `quota${number}`;
};

// Zero was no limit in 2.3, and nothing at all would be allowed in 2.4.
const limitOf = (value: string, written = value) => (/^0[A-Z]?$/i.test(value) ? 'unlimited' : written);

// A rule without a unit counts kilobytes.
const rule = (value: string, root: Item['path']): Ruling => {
  const [mailbox, ...limits] = value.split(':');
  const pairs = limits.map(limit => {
    const [, kind = '', amount = ''] = /^(storage|bytes|messages)=(\d+[BKMGT]?)$/i.exec(limit) ?? [];
    const size = /\d$/.test(amount) ? `${amount}${kind === 'bytes' ? 'B' : 'k'}` : amount;
    return kind === ''
      ? undefined
      : ((kind === 'messages'
          ? ['message_count', limitOf(amount)]
          : ['storage_size', limitOf(amount, size)]) as readonly [string, string]);
  });
  const sure = pairs.filter(pair => pair !== undefined);
  return mailbox !== '*' || sure.length !== pairs.length
    ? byHand(notes.quota)
    : changed(settingsIn(root, sure));
};

const warning = (key: string, value: string, root: Item['path']): Ruling => {
  const [, under, percent, command, args = ''] =
    /^(-?)storage=(\d+)%+\s+(\S+)(?:\s+(.*))?$/s.exec(value) ?? [];
  const written = renewVariables(args);
  if (percent === undefined || command === undefined || written === undefined) {
    return byHand(notes.quota);
  }

  const block = [...root, {type: 'warning', name: key.replace(/^quota\d*_/, '')}];
  return changed([
    ...settingsIn(block, [
      ['quota_storage_percentage', percent],
      ...(under === '-' ? [['threshold', 'under'] as const] : []),
    ]),
    ...settingsIn(
      [...block, {type: 'execute', name: command}],
      written === '' ? [] : [['args', quoted(written)]],
    ),
  ]);
};
