import {complete} from '../answers/complete.js';
import {isCustom} from '../answers/custom.js';
import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {AllAnswers, AskContext, Question} from '../core/question.js';
import {isChosen, type Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import {fill, type Text} from '../core/text.js';
import {rowsOf} from '../config/rows/edit.js';
import {ldapFiles} from '../planner/dialects/ldap.js';
import {readDovecot} from '../planner/dialects/read.js';
import {sqlFiles} from '../planner/dialects/sql.js';
import {type Fresh, isConfiguration} from '../planner/fresh.js';
import {packagedDovecot} from '../system/packaged-dovecot.js';
import type {Files, ReadFiles} from '../system/types.js';

/** Whether Dovecot is to start again from its packages' own files. */
export const isFresh = (answers: AllAnswers, scope: Scope) =>
  answers['packages']?.['fresh_dovecot'] === true && isChosen(scope, 'packages');

/** The complete answers of a run, and whether with them Dovecot starts again; problems where it cannot. */
export const settled = (
  steps: readonly Step[],
  said: AllAnswers,
  context: Omit<AskContext, 'answers'>,
  scope: Scope,
): {readonly answers: AllAnswers; readonly fresh: boolean; readonly problems: readonly Finding[]} => {
  const answers = complete(steps, said, context);
  return isFresh(answers, scope)
    ? {
        answers: complete(steps, afresh(said, steps), context),
        fresh: true,
        problems: freshProblems(steps, {...context, answers}),
      }
    : {answers, fresh: false, problems: []};
};

/** The answers without what stays as the machine has it: of Dovecot nothing does, but for the list of accounts itself. */
const afresh = (answers: AllAnswers, steps: readonly Step[]): AllAnswers =>
  Object.fromEntries(
    Object.entries(answers).map(([section, own]) => {
      const custom = (own['custom'] as readonly string[] | undefined)?.filter(id => stays(section, id));
      return [
        section,
        custom === undefined || steps.find(({id}) => id === section)?.side !== 'dovecot'
          ? own
          : {...own, custom},
      ];
    }),
  );

// Whoever stands in the list that our section asks stays in it, whether an answer names him or not.
const stays = (section: string, question: string) => section === 'auth-passwdfile' && question === 'accounts';

/**
 * Why it cannot start again: where mail lies, or who logs in, is known to the present configuration alone and to no answer; or a
 * password stands in a file that goes. Nobody's mail is hidden and nobody is locked out for a clean file.
 */
const freshProblems = (
  steps: readonly Step[],
  {facts, platform, answers}: AskContext,
): readonly Finding[] => {
  const context = {facts, platform, answers};
  const open = steps
    .filter(step => step.applies?.(facts, answers) ?? true)
    .flatMap(step =>
      Object.entries<Question>(step.questions)
        .filter(([, question]) => question.when?.(context) ?? true)
        .flatMap(([id, question]) => {
          const place = `${step.id}.${id}`;
          return isCustom(answers[step.id], id) && isVital(step, question) && !stays(step.id, id)
            ? [problem(place, texts.unknown)]
            : step.side === 'dovecot' &&
                isKept(id, question, answers[step.id]?.[id]) &&
                !standsBeside(step.id, facts)
              ? [problem(place, texts.secret)]
              : [];
        }),
    );
  const list = otherList(facts);
  return list === undefined
    ? open
    : [...open, {...problem(list, texts.list), remedy: fill(texts.listRemedy, {place: list})}];
};

// Where mail lies, whose it is, who logs in, and with which key.
const isVital = ({id}: Step, {level}: Question) =>
  id === 'vmail' || id === 'storage' || (/^(?:auth|tls)/.test(id) && level === 'basic');

// What a check logs in with stands in no file.
const isKept = (id: string, {kind}: Question, value: unknown) =>
  kind === 'secret' && value === 'keep' && id !== 'sample_password';

// What a directory or a database is asked with stands in a file of its own, which stays; by hand it may have been written elsewhere.
const standsBeside = (section: string, {files, dovecot}: Facts) =>
  secretsBeside
    .filter(({of}) => of === section)
    .some(({at, row}) =>
      [...rowsOf(files[at[dovecot?.dialect ?? '2.3']] ?? '', 'settings').keys()].some(key => row.test(key)),
    );
const secretsBeside = [
  {of: 'auth-ldap', at: ldapFiles, row: /^(?:dnpass|ldap_auth_dn_password)$/},
  {of: 'auth-sql', at: sqlFiles, row: /^(?:connect|mysql_password|pgsql_parameters\/password)$/},
] as const;

// A list of accounts that our own section would not ask.
const otherList = (facts: Facts) =>
  readDovecot(facts)
    .passdbs.filter(
      ({driver, values}) =>
        driver === 'passwd-file' && values['master'] !== 'yes' && values['deny'] !== 'yes',
    )
    .map(({values}) => values['passwd_file_path'] ?? values['args']?.split(/\s+/).at(-1))
    .find(path => path !== undefined && path !== '/etc/dovecot/users');

const problem = (place: string, cause: Text): Finding => ({
  id: `packages:fresh:${place}`,
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.refused, {place}),
  cause,
  remedy: fill(texts.remedy, {place}),
});

/** The packages' own files and what is there; findings where they cannot take its place. */
export const freshOf = (files: ReadFiles, facts: Facts): Fresh | readonly Finding[] => {
  const stock = packagedDovecot(files);
  if (stock === undefined) {
    return [{...problem('/usr/share/dovecot', texts.noCopies), remedy: texts.noCopiesRemedy}];
  }

  const drops = (files.list(confFolder) ?? [])
    .filter(name => name.endsWith('.conf'))
    .map(name => `${confFolder}/${name}`);
  // A link, no file at all, or nothing that we may read: nobody's text to put something in the place of.
  const isUnseen = (path: string) => files.lstat(path) !== undefined && facts.files[path] === undefined;
  const odd = [...new Set([...Object.keys(stock).filter(isConfiguration), ...drops])].filter(isUnseen);
  return odd.length > 0
    ? odd.map(path => ({...problem(path, texts.odd), remedy: fill(texts.oddRemedy, {place: path})}))
    : {
        stock: Object.fromEntries(Object.entries(stock).filter(([path]) => !isUnseen(path))),
        present: facts.files,
        folders: ['/etc/dovecot', confFolder].filter(path => files.lstat(path) === undefined),
      };
};

/**
 * A configuration for Dovecot's tools in a view, where the present one is broken or gone: what doveadm-pw(1) does needs no more than
 * the versions that 2.4 asks for.
 */
export const bareConfiguration = (files: Files, {stock}: Fresh): string => {
  const path = '/run/dovetail-dovecot.conf';
  const versions = /^dovecot_(?:config|storage)_version\b.*\n/gm;
  const text = (stock['/etc/dovecot/dovecot.conf']?.match(versions) ?? []).join('');
  files.create(path, Buffer.from(text, 'latin1'), 0o600);
  return path;
};

const confFolder = '/etc/dovecot/conf.d';

const texts = {
  refused: {
    en: 'Dovecot cannot start again from its packages’ own files: {place}.',
    ja: 'Dovecot の設定を初期ファイルから作り直せません: {place}',
  },
  unknown: {
    en: 'The present configuration does this in a way of its own that no answer says: it would be lost.',
    ja: '現在の設定が独自の方法を使っており、回答では表せないため失われます。',
  },
  secret: {
    en: 'This password stands in the present configuration alone.',
    ja: 'このパスワードは現在の設定ファイルにしかありません。',
  },
  remedy: {
    en: 'Answer {place} for this run.',
    ja: '{place} に回答してください。',
  },
  list: {
    en: 'Accounts are in this list, which would not be asked any more.',
    ja: 'アカウントがこの一覧にあり、参照されなくなります。',
  },
  listRemedy: {
    en: 'Take them over first: “dovetail users import {place}”, or copy its lines into /etc/dovecot/users.',
    ja: '先に「dovetail users import {place}」で取り込むか、行を /etc/dovecot/users に写してください。',
  },
  noCopies: {
    en: 'The packages’ own copies of these files are not there.',
    ja: 'パッケージの初期ファイルの控えがありません。',
  },
  noCopiesRemedy: {
    en: 'Install Dovecot’s packages again (“apt-get install --reinstall dovecot-core”), then start again.',
    ja: '「apt-get install --reinstall dovecot-core」で入れ直してから、再実行してください。',
  },
  odd: {
    en: 'It is a link, no regular file, or cannot be read.',
    ja: 'リンクか通常でないファイルか、読み取れないファイルです。',
  },
  oddRemedy: {
    en: 'Put the file itself there, or take {place} away, then start again.',
    ja: '{place} を通常のファイルに置き換えるか削除してから、再実行してください。',
  },
} satisfies Record<string, Text>;
