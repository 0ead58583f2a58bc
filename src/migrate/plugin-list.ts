import {notes} from './texts.js';
import {byHand, changed, type Item, kept, lost, type Ruling} from './types.js';

// 2.4’s own plugins and those of Pigeonhole, by the modules that they are packaged as.
const there = new Set(
  `acl apparmor charset_alias fts fts_flatcurve fts_solr imap_acl imap_filter_sieve imap_quota imap_sieve last_login
  lazy_expunge mail_compress mail_crypt mail_crypt_acl mail_log mail_lua notify notify_status pop3_migration
  push_notification push_notification_lua quota quota_clone sieve trash virtual welcome`.split(/\s+/),
);
const renamed: Readonly<Record<string, string>> = {zlib: 'mail_compress'};
// COMPRESS of IMAP needs no plugin any more.
const built = new Set(['imap_zlib']);

/** `mail_plugins`: names that are gone are left out, and said. */
export const pluginList = (value: string, item: Item): Ruling => {
  const words = value.split(/[\s,]+/).filter(Boolean);
  const now = words.flatMap(word => {
    const name = renamed[word] ?? word;
    return there.has(name) ? [name] : [];
  });
  const gone = words.filter(word => !there.has(renamed[word] ?? word));
  const setting = {path: item.path, key: item.key, value: [...new Set(now)].join(' ')};
  // An empty list inside of a block still replaces the one outside.
  const written = setting.value === '' && item.path.length === 0 ? [] : [setting];
  if (gone.length === 0) {
    return now.join(' ') === item.value ? kept(item) : changed(written);
  }

  const note = gone.includes('replication')
    ? notes.replication
    : gone.every(word => built.has(word))
      ? notes.built
      : gone.some(word => /stats/.test(word))
        ? notes.oldStats
        : gone.some(word => /^(?:autocreate|expire)$/.test(word))
          ? notes.folders
          : notes.plugin;
  return gone.every(word => built.has(word))
    ? changed(written, note)
    : {...(note === notes.plugin ? byHand(note) : lost(note)), now: written};
};
