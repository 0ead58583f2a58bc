import {unquote} from '../config/dovecot/parse.js';
import {isKnown} from './names.js';
import {quota} from './quota.js';
import {quoted} from './quote.js';
import {sieveSetting} from './sieve.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, lost, type Ruling} from './types.js';
import {renewVariables} from './variables.js';

/** A setting of `plugin { }`: 2.4 has no such block, its settings stand outside. */
export const plugin = (item: Item, items: readonly Item[]): Ruling => {
  const value = unquote(item.value);
  const path = item.path.filter(({type}) => type !== 'plugin');
  const special = rules.find(([pattern]) => pattern.test(item.key));
  if (special !== undefined) {
    return special[1];
  }

  if (
    /^quota(?:\d*|\d*_(?:rule\d*|warning\d*|grace|max_mail_size|exceeded_message|vsizes|over_.*))$/.test(
      item.key,
    )
  ) {
    return quota({...item, path, value}, items);
  }

  if (/^(?:sieve|imapsieve)/.test(item.key)) {
    return sieveSetting({...item, path, value}, items);
  }

  const written = renewVariables(value);
  const put = (key: string, text = written): Ruling =>
    text === undefined ? byHand(notes.variables) : changed([{path, key, value: quoted(text)}]);
  switch (item.key) {
    case 'zlib_save':
      return put('mail_compress_write_method');
    case 'zlib_save_level': {
      const method = items.findLast(({key}) => key === 'zlib_save')?.value ?? '';
      const key = {gz: 'compress_gz_level', zstd: 'compress_zstd_level', bz2: 'compress_bz2_block_size_100k'}[
        method
      ];
      return key === undefined ? byHand(notes.understood) : put(key);
    }

    case 'acl': {
      const [driver = '', ...rest] = value.split(':');
      return driver !== 'vfile' || rest.length > 1 || rest.some(part => !part.startsWith('/'))
        ? byHand(notes.understood)
        : changed([
            {path, key: 'acl_driver', value: driver},
            ...rest.map(file => ({path, key: 'acl_global_path', value: quoted(file)})),
          ]);
    }

    case 'acl_anyone':
      return value === 'allow' ? put('imap_acl_allow_anyone', 'yes') : byHand(notes.understood);
    case 'lazy_expunge':
      return /[\s:]/.test(value) ? byHand(notes.understood) : put('lazy_expunge_mailbox');
    default:
      return isKnown(item.key) && !blocks.test(item.key) ? put(item.key) : byHand(notes.unknown);
  }
};

// Names that are blocks in 2.4, or lists of another syntax.
const blocks = /^(?:fts|push_notification|last_login|dict|acl_sharing|mail_lua|welcome)/;

const rules: readonly (readonly [RegExp, Ruling])[] = [
  [/^(?:mail_replica|replication_)/, lost(notes.replication)],
  [/^(?:old_)?stats_/, lost(notes.oldStats)],
  [/^(?:mail_crypt_|crypt_)/, byHand(notes.crypt)],
  [/^(?:autocreate|autosubscribe|expire)\d*/, byHand(notes.folders)],
  [/^antispam/, lost(notes.plugin)],
];
