import {type AskContext, type LiveCheck, text, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {hasLookup, ldapTable, lookupTable, serverOf} from './lib/ldap.js';
import {directoryQuestions} from './lib/ldap-questions.js';
import {lookupThere} from './lib/ldap-there.js';
import {filterProblem} from './lib/ldap-words.js';
import {itemsOf, postfixPath} from './lib/postfix.js';
import {answer, domainsOf, isServer} from './lib/read.js';
import {hasSenderTables} from './lib/submission-wants.js';
import {addressProblem} from './lib/validate.js';

const own = <T>({answers}: Pick<AskContext, 'answers'>, question: string) =>
  answer<T>(answers, 'ldap-lookup', question);
const on = ({answers}: AskContext) => hasLookup(answers);
const questions = directoryQuestions({
  id: 'ldap-lookup',
  server: ({answers}) => serverOf(answers, 'ldap-lookup'),
  when: on,
  like: 'auth-ldap',
});

/** nisMailAlias, as sendmail's directories have it (misc.schema). */
const usualFilter = '(&(objectClass=nisMailAlias)(cn={name}))';

/** Aliases that a directory keeps. */
export const ldapLookup = defineStep({
  id: 'ldap-lookup',
  side: 'postfix',
  title: {en: 'Aliases in a directory', ja: 'ディレクトリーのエイリアス'},
  why: {
    en: 'Groups that are kept in a directory get mail without being written down a second time.',
    ja: 'ディレクトリーにあるグループを、二重に登録せずに宛先として使えます。',
  },
  needs: ['role', 'auth-ldap', 'domains', 'submission'],
  owns: ['main.cf:virtual_alias_maps proxy:ldap:*', 'main.cf:smtpd_sender_login_maps proxy:ldap:*'],
  applies: (_facts, all) => isServer(all),
  questions: {
    use: yesNo({
      ask: {
        en: 'Shall Postfix look aliases up in a directory?',
        ja: 'エイリアスをディレクトリー (LDAP) から検索しますか。',
      },
      help: {
        en: 'Besides its own table of aliases, which is asked first.',
        ja: '自身のエイリアス表に加えて検索します (表が先です)。',
      },
      why: {
        en: 'While the directory is down, mail waits with its senders.',
        ja: 'ディレクトリーの停止中、メールは差出人側で待機します。',
      },
      level: 'advanced',
      initial: () => false,
    }),
    servers: questions.servers,
    starttls: questions.starttls,
    ca: questions.ca,
    base: questions.base,
    bind_dn: questions.bind_dn,
    bind_password: questions.bind_password,
    filter: text({
      ask: {en: 'By which filter is an alias found?', ja: 'エイリアスをどのフィルターで探しますか。'},
      help: {
        en: 'RFC 4515. {user} is the whole address, {name} the part before the @, {domain} the part after it.',
        ja: 'RFC 4515 の形式です。{user} はアドレス全体、{name} は @ の前、{domain} は後です。',
      },
      why: {
        en: 'What it finds is taken for an address of this server.',
        ja: '見つかったものがこのサーバーの宛先になります。',
      },
      level: 'advanced',
      when: on,
      initial: () => usualFilter,
      validate: filterProblem,
    }),
    attribute: text({
      ask: {en: 'Which attribute says where its mail goes?', ja: '宛先はどの属性にありますか。'},
      help: {
        en: 'It holds addresses; several are all written to.',
        ja: 'アドレスを持つ属性です。複数あればすべてに送ります。',
      },
      why: {
        en: 'Mail for the alias goes there.',
        ja: 'エイリアス宛のメールがそこへ送られます。',
      },
      example: 'rfc822MailMember',
      level: 'advanced',
      when: on,
      initial: () => 'rfc822MailMember',
      validate: name => (/^[A-Za-z][A-Za-z0-9-]*$/.test(name) ? undefined : texts.attribute),
    }),
    sample: text({
      ask: {
        en: 'Which alias shall prove that it works (empty: none)?',
        ja: 'どのエイリアスで動作を確認しますか (空なら確認しません)。',
      },
      help: {
        en: 'An address of a group in the directory.',
        ja: 'ディレクトリーにあるグループのアドレスです。',
      },
      why: {
        en: 'It is looked up before anything is written, and afterwards by Postfix itself.',
        ja: '書き込む前に検索し、書き込んだ後は Postfix 自身が検索します。',
      },
      example: 'team@example.com',
      level: 'basic',
      when: on,
      initial: () => '',
      validate: address => (address === '' ? undefined : addressProblem(address)),
      live: (address, context) => (address === '' ? undefined : check(context, address)),
    }),
  },
  packages: ({all}) => (hasLookup(all) ? ['postfix-ldap'] : []),
  adopt: facts => lookupThere(facts),
  plan: ({answers: {filter = usualFilter, attribute = 'rfc822MailMember'}, all, facts}): readonly Want[] => {
    const table = lookupTable(facts);
    const item = (
      at: 'virtual_alias_maps' | 'smtpd_sender_login_maps',
      state: 'present' | 'absent',
    ): Want => ({
      kind: 'item',
      in: 'main.cf',
      at,
      value: table,
      state,
    });
    return hasLookup(all)
      ? [
          ldapTable({
            file: postfixPath(facts, 'ldap-aliases.cf'),
            server: serverOf(all, 'ldap-lookup'),
            filter,
            attribute,
            domains: [...domainsOf(all), ...(answer<readonly string[]>(all, 'domains', 'also') ?? [])],
          }),
          item('virtual_alias_maps', 'present'),
          // Who reads an alias may answer as it. Asked for here, so that both go when this section is taken back alone: a table
          // whose file is gone would have every mail wait.
          ...(hasSenderTables(all) ? [item('smtpd_sender_login_maps', 'present')] : []),
        ]
      : (['virtual_alias_maps', 'smtpd_sender_login_maps'] as const)
          .filter(list => itemsOf(facts, list).includes(table))
          .map(list => item(list, 'absent'));
  },
  probes: ({answers: {sample = ''}, all, facts}) =>
    hasLookup(all)
      ? [
          {
            id: 'ldap-lookup',
            section: 'ldap-lookup',
            kind: 'table-answers',
            table: lookupTable(facts),
            ...(sample === '' ? {} : {key: sample}),
          },
        ]
      : [],
});

const check = (context: AskContext, person: string): LiveCheck => ({
  kind: 'ldap',
  section: 'ldap-lookup',
  stage: 'person',
  server: serverOf(context.answers, 'ldap-lookup'),
  filter: own<string>(context, 'filter') ?? usualFilter,
  person,
});

const texts = {
  attribute: {
    en: 'A name of an attribute has letters, digits and hyphens.',
    ja: '属性名は英字、数字、ハイフンです。',
  },
} satisfies Record<string, Text>;
