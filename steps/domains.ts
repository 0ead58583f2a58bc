import type {Facts} from '../src/core/facts.js';
import type {AliasFile} from '../src/core/material.js';
import {type AllAnswers, list, rows, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import {aliasCaution, aliasesOf, aliasProblems, parseAlias, targetsOf} from './lib/aliases.js';
import {aliasesThere, alsoThere, recordPath} from './lib/aliases-there.js';
import {aliasRows, domainWants, recordWant, roleRows, rowWants} from './lib/domain-wants.js';
import {addressesOf, knowsAll} from './lib/people.js';
import {postfixPath} from './lib/postfix.js';
import {answer, domainsOf, hostnameOf, isServer} from './lib/read.js';
import {adminOf, roleAddresses} from './lib/role-mail.js';
import {importNotes} from './lib/import-notes.js';
import {importPathProblem, nameProblem} from './lib/validate.js';

/** Addresses that are no mailboxes of their own, and domains that have nothing else. */
export const domains = defineStep({
  id: 'domains',
  side: 'postfix',
  title: {en: 'Aliases and further domains', ja: '別名と追加ドメイン'},
  why: {
    en: 'An address such as info@ is read by people who have mailboxes of their own.',
    ja: 'info@ のようなアドレスは、自分のメールボックスを持つ人が読みます。',
  },
  needs: ['role', 'auth-passwdfile', 'auth-pam', 'smtp'],
  owns: ['main.cf:virtual_alias_domains'],
  applies: (_facts, all) => isServer(all),
  questions: {
    also: list({
      ask: {en: 'Which further domains have only aliases?', ja: '別名だけを持つ追加ドメインはどれですか。'},
      help: {
        en: 'Mail for their addresses goes to mailboxes of the main domains, or elsewhere.',
        ja: 'そのアドレス宛のメールは、主ドメインのメールボックスなどへ届きます。',
      },
      why: {
        en: 'Postfix refuses mail for a domain that nobody declared.',
        ja: '宣言されていないドメイン宛のメールを Postfix は拒否します。',
      },
      example: 'example.net',
      level: 'advanced',
      initial: ({facts}) => alsoThere(facts),
      validateItem: (name, {answers}) =>
        nameProblem(name) ??
        (domainsOf(answers).includes(name) || name === hostnameOf(answers) ? texts.main : undefined),
    }),
    import_file: text({
      ask: {en: 'Which file has more aliases to take in?', ja: 'ほかの別名を取り込むファイルはどれですか。'},
      help: {
        en: 'Nothing for none. A line each: ADDRESS TARGET, TARGET; 100,000 lines and more. A bare domain declares it.',
        ja: '不要なら空欄です。1 行に「アドレス 宛先, 宛先」と書きます。10 万行以上も可能です。ドメインだけの行はドメインの宣言です。',
      },
      why: {
        en: 'The whole file is judged first, with the number of each line that is wrong. Taken in again, what left the file leaves the table; rows of others stay.',
        ja: '先に全体を調べ、誤りを行番号で示します。再度取り込むと、ファイルから消えた行は表からも消え、ほかの行は残ります。',
      },
      example: '/root/aliases.txt',
      level: 'advanced',
      initial: () => '',
      validate: importPathProblem,
      live: (path, {answers, facts}) =>
        path === '' ? undefined : {kind: 'alias-file', file: fileOf(path, answers, facts)},
    }),
    aliases: rows({
      ask: {en: 'Which addresses are passed on, and to whom?', ja: 'どのアドレスを誰に届けますか。'},
      help: {
        en: 'ADDRESS=TARGET; an address with several targets has several entries.',
        ja: '「アドレス=宛先」と書きます。宛先が複数あれば、その数だけ書きます。',
      },
      why: {
        en: 'A wrong target loses no mail here: it is refused now, with its number.',
        ja: '宛先の誤りは、番号とともにここで拒否されます。',
      },
      example: 'info@example.com=anna@example.com',
      level: 'advanced',
      initial: ({facts}) => aliasesThere(facts).map(asItem),
      validateItem: item => {
        const parsed = parseAlias(item);
        return 'from' in parsed ? undefined : parsed;
      },
      validate: (items, {answers, facts}) => {
        // What the machine has works in its own way; it is said, not refused.
        const there = new Set(aliasesThere(facts).map(asItem));
        return items.length > 0 && items.every(item => there.has(item))
          ? undefined
          : aliasProblems(items, worldOf(answers, facts))[0];
      },
      caution: (items, {answers, facts}) =>
        aliasProblems(items, worldOf(answers, facts))[0] ?? aliasCaution(items, worldOf(answers, facts)),
    }),
  },
  materials: ({answers: {import_file: path = ''}, all, facts}) =>
    path === '' ? [] : [{id: imported, kind: 'alias-file', ...fileOf(path, all, facts)}],
  adopt: facts =>
    facts.configured.postfix
      ? {also: alsoThere(facts), aliases: aliasesThere(facts).map(asItem), import_file: ''}
      : {},
  plan: ({answers: {also = [], aliases = [], import_file: path = ''}, all, facts, materials}) => {
    const found = path === '' ? undefined : materials[imported]?.found;
    return [
      ...domainWants(also, all, facts),
      ...rowWants(
        [
          ...roleRows(also, all, facts),
          // What the file has now is not taken out because nobody typed it.
          ...aliasRows(aliases, facts).filter(
            ({key, state}) => state === 'present' || found?.has(key) !== true,
          ),
        ],
        facts,
        found,
      ),
      ...(found === undefined ? [] : [recordWant(facts, found.record)]),
    ];
  },
  notes: ({materials}) => importNotes(materials[imported]?.found),
  probes: ({answers: {also = []}, all}) => [
    ...also.map(domain => ({
      id: `domains:unknown:${domain}`,
      section: 'domains',
      kind: 'unknown-recipient-refused' as const,
      domain,
    })),
    ...(also.length > 0 && adminOf(all) !== undefined
      ? [
          {
            id: 'domains:roles',
            section: 'domains',
            kind: 'role-addresses' as const,
            addresses: roleAddresses(also),
          },
        ]
      : []),
  ],
});

const asItem = ({from, to}: {readonly from: string; readonly to: string}) => `${from}=${to}`;

const worldOf = (all: AllAnswers, facts: Facts) => {
  const also = answer<readonly string[]>(all, 'domains', 'also') ?? [];
  const names = [...domainsOf(all), ...also];
  return {
    domains: names,
    mailboxes: addressesOf(all, facts),
    more: !knowsAll(all),
    // What a file brings is judged with it.
    open: (answer<string>(all, 'domains', 'import_file') ?? '') !== '',
    roles: roleAddresses(names),
  };
};

/** Name of the material that a file of aliases is. */
const imported = 'domains.import';

// What the file is judged by. An alias that was typed in may stand in it too, with the same targets.
const fileOf = (path: string, all: AllAnswers, facts: Facts): AliasFile => {
  const {domains: names, mailboxes, roles} = worldOf(all, facts);
  const admin = adminOf(all);
  const typed = aliasesOf(answer<readonly string[]>(all, 'domains', 'aliases') ?? []);
  return {
    path,
    table: postfixPath(facts, 'virtual'),
    record: recordPath(facts),
    domains: names,
    mailboxes,
    roles,
    ...(admin === undefined ? {} : {admin}),
    typed: Object.fromEntries([...targetsOf(typed)].map(([from, targets]) => [from, targets.join(', ')])),
  };
};

const texts = {
  main: {
    en: 'That is a main domain or the server itself, which is in another class already.',
    ja: '主ドメインかサーバー自身の名前で、すでに別の種類に属しています。',
  },
} satisfies Record<string, Text>;
