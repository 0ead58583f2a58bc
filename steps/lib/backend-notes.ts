import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {backendsOf, systemPeopleOf, usersFileOf} from './people.js';
import {mailRootOf} from './read.js';

/** People named in one note; more would hide the rest of it. */
const named = 8;

/** What becomes of the mail of people whose place is not asked any more. Their mail itself is never touched. */
export const leftNotes = (all: AllAnswers, facts: Facts): readonly Finding[] => {
  const drivers = facts.configured.dovecot ? readDovecot(facts).passdbs.map(({driver}) => driver) : [];
  const left = (backend: 'passwd-file' | 'pam' | 'sql' | 'ldap') =>
    drivers.includes(backend) && !backendsOf(all).includes(backend as never);
  const hasAddresses = backendsOf(all).some(backend => backend !== 'pam');
  const listed = [...rowsOf(facts.files[usersFileOf(all)] ?? '', 'passwd').keys()];
  return [
    ...(left('passwd-file') && listed.length > 0
      ? [note('list', hasAddresses ? texts.moved : texts.lost, all, listed)]
      : []),
    ...((['sql', 'ldap'] as const).some(left)
      ? [note('server', hasAddresses ? texts.movedServer : texts.lost, all, [])]
      : []),
    ...(left('pam') && systemPeopleOf(all, facts).length > 0
      ? [note('pam', texts.homes, all, systemPeopleOf(all, facts))]
      : []),
  ];
};

/**
 * Two databases that are asked for the same thing in the same way: with Dovecot 2.3 the second one may let in who may not do more
 * than the first one said (CVE-2022-30550).
 */
export const doubledNotes = (facts: Facts): readonly Finding[] => {
  const seen = new Set<string>();
  const doubled = readDovecot(facts).passdbs.filter(({driver, values}) => {
    const key = `${driver} ${values['args'] ?? values['passwd_file_path'] ?? ''}`;
    const known = seen.has(key);
    seen.add(key);
    return known && driver !== '';
  });
  return doubled.length === 0 || !facts.configured.dovecot
    ? []
    : [
        {
          id: 'auth:doubled',
          section: 'auth',
          severity: 'warning',
          summary: fill(texts.doubled, {drivers: doubled.map(({driver}) => driver).join(', ')}),
          remedy: texts.doubledRemedy,
        },
      ];
};

/** Without a list of characters, names that are paths or masks reach whatever is asked for them. */
export const characterNotes = (facts: Facts): readonly Finding[] =>
  readDovecot(facts).nameCharacters === ''
    ? [
        {
          id: 'auth:characters',
          section: 'auth',
          severity: 'warning',
          summary: texts.characters,
          remedy: texts.charactersRemedy,
        },
      ]
    : [];

const note = (id: string, text: Text, all: AllAnswers, names: readonly string[]): Finding => {
  const more = names.length - named;
  const shown = `${names.slice(0, named).join(', ')}${more > 0 ? ` (+${more})` : ''}`;
  return {
    id: `auth:left-${id}`,
    section: 'auth',
    severity: 'warning',
    summary: fill(text, {names: shown, root: mailRootOf(all)}),
    remedy: texts.leftRemedy,
  };
};

const texts = {
  moved: {
    en: 'The list is not asked any more: {names}. Who has the same address in the new place finds the same mail; the mail of the others stays in {root}, and nobody reaches it.',
    ja: '一覧への照会をやめます: {names}。新しい場所に同じアドレスがあれば同じメールが見えます。ほかの人のメールは {root} に残りますが、誰も読めません。',
  },
  movedServer: {
    en: 'The accounts of before are not asked for any more. Who has the same address in the new place finds the same mail; the mail of the others stays in {root}, and nobody reaches it.',
    ja: '以前のアカウントへの照会をやめます。新しい場所に同じアドレスがあれば同じメールが見えます。ほかの人のメールは {root} に残りますが、誰も読めません。',
  },
  lost: {
    en: 'Accounts that are addresses are not asked for any more: {names}. Their mail stays in {root}, and nobody reaches it.',
    ja: 'メールアドレスのアカウントへの照会をやめます: {names}。メールは {root} に残りますが、誰も読めません。',
  },
  homes: {
    en: 'Users of this machine no longer log in for mail: {names}. Their mail stays in their homes, and is not shown with that of an address.',
    ja: 'このマシンのユーザーはメールにログインできなくなります: {names}。メールは各自のホームに残りますが、アドレスのメールには表示されません。',
  },
  leftRemedy: {
    en: 'Take over what is missed afterwards: doveadm import -s -u ADDRESS maildir:OLD-PLACE "" all — it copies and deletes nothing.',
    ja: '必要なものは後で取り込めます: doveadm import -s -u アドレス maildir:以前の場所 "" all (コピーのみで何も削除しません)。',
  },
  doubled: {
    en: 'Dovecot asks the same password database twice: {drivers}.',
    ja: 'Dovecot が同じパスワードデータベースに二重に照会します: {drivers}',
  },
  characters: {
    en: 'auth_username_chars is empty: names with any character are looked up, such as / and *, which mean something in paths and in searches.',
    ja: 'auth_username_chars が空のため、/ や * などパスや検索で意味を持つ文字を含む名前も照会されます。',
  },
  charactersRemedy: {
    en: 'Take the line out, unless names with such characters are in use: Dovecot’s own list has letters, digits and . - _ @.',
    ja: 'そのような名前を使っていなければ行を削除してください。Dovecot の既定は英数字と . - _ @ です。',
  },
  doubledRemedy: {
    en: 'Take one of them away: before Dovecot 2.3.20 the second can give more rights than it should (CVE-2022-30550).',
    ja: '一方を削除してください。Dovecot 2.3.20 より前では権限が広がることがあります (CVE-2022-30550)。',
  },
} satisfies Record<string, Text>;
