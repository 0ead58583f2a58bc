import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {MailStore} from '../../src/core/setting.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Platform} from '../../src/core/platform.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {importSource} from '../../src/planner/dialects/settings.js';

/** Why a text is not a folder below a home. */
export const folderProblem = (path: string): Text | undefined =>
  /^~\/[A-Za-z0-9_.-]{1,60}$/.test(path) && !/^~\/\.{1,2}$/.test(path) ? undefined : texts.folder;

/** mbox alone has its inbox apart: where local mail has always been, or beside the other folders. */
export const inboxOf = ({format, path}: Pick<MailStore, 'format' | 'path'>, isSystem: boolean) =>
  format !== 'mbox' ? undefined : isSystem ? '/var/mail/{user}' : `${path}/inbox`;

/** Why a format cannot be kept in a folder: mail of another one is there. */
export const collision = (format: MailStore['format'], path: string, facts: Facts): Text | undefined => {
  const there = storeThere(facts);
  return there !== undefined && there.path === path && there.format !== format
    ? fill(texts.collision, {path, there: there.format, example: `~/${format}`})
    : undefined;
};

/** What a change of the store leaves behind and how it is taken over, and mail of another format that lies about. */
export const storageNotes = (
  store: MailStore,
  facts: Facts,
  platform: Pick<Platform, 'dovecot'>,
): readonly Finding[] => {
  const dialect = facts.dovecot?.dialect ?? platform.dovecot;
  const there = storeThere(facts);
  const changed = there !== undefined && (there.format !== store.format || there.path !== store.path);
  const others = (facts.stores ?? []).filter(({format}) => format !== store.format);
  return [
    ...(changed
      ? [
          note(
            'change',
            fill(texts.change, {old: locationOf(there), fresh: locationOf(store)}),
            fill(texts.convert, {old: importSource(there, dialect)}),
          ),
        ]
      : []),
    ...(!facts.configured.dovecot && others[0] !== undefined
      ? [
          note(
            'found',
            fill(texts.found, {format: others[0].format, path: others[0].path, count: others.length}),
            fill(texts.convert, {old: importSource(asStore(others[0]), dialect)}),
          ),
        ]
      : []),
  ];
};

// Of mbox it was its inbox that was found.
const asStore = (found: Pick<MailStore, 'format' | 'path'>): MailStore =>
  found.format === 'mbox' ? {...found, inbox: `${found.path}/inbox`} : found;

// What a package brought is no store that anybody uses.
const storeThere = (facts: Facts): MailStore | undefined =>
  facts.configured.dovecot ? readDovecot(facts).settings['mail.store'] : undefined;

const locationOf = ({format, path, inbox}: MailStore) =>
  `${format}:${path}${inbox === undefined ? '' : `:INBOX=${inbox.replace('{user}', '%u')}`}`;

const note = (id: string, summary: Text, remedy: Text): Finding => ({
  id: `storage:${id}`,
  section: 'storage',
  severity: 'warning',
  summary,
  remedy,
});

const texts = {
  folder: {en: 'Write it as ~/ and one plain name.', ja: '~/ と通常の名前 1 つで指定してください。'},
  collision: {
    en: 'The folder {path} holds mail as {there}: another format needs another folder, such as {example} (storage.path).',
    ja: '{path} には {there} 形式のメールがあります。形式を変えるには {example} のような別のフォルダーが必要です (storage.path)。',
  },
  change: {
    en: 'Mail is kept as {old} now, and will be as {fresh}: what is there stays there, and is not seen until it is taken over.',
    ja: '現在のメールは {old} にあり、今後は {fresh} になります。既存のメールはそのまま残り、取り込むまで表示されません。',
  },
  found: {
    en: 'Mail in another format is there already: {format} in {path} (homes: {count}). It stays, and is not seen until it is taken over.',
    ja: '別形式のメールが既にあります: {path} の {format} (ホーム {count} 件)。そのまま残り、取り込むまで表示されません。',
  },
  convert: {
    en: 'Note the counts first: doveadm mailbox status -A messages "*". After the change, once for each user: doveadm import -s -u USER {old} "" all — it copies and deletes nothing (folders without mail are not made). Compare the counts; remove the old folders yourself, later.',
    ja: '先に件数を控えます: doveadm mailbox status -A messages "*"。変更後、利用者ごとに 1 度だけ doveadm import -s -u ユーザー {old} "" all を実行します (コピーのみで何も削除しません。空のフォルダーは作られません)。件数を比べ、古いフォルダーは後で自分で削除してください。',
  },
} satisfies Record<string, Text>;
