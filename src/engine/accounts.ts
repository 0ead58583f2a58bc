import {rowsOf} from '../config/rows/edit.js';
import {handlerOf} from '../changes/index.js';
import type {PreviewContext} from '../changes/types.js';
import type {Change, ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import type {Facts} from '../core/facts.js';
import {type Finding, ProblemError} from '../core/finding.js';
import type {Plan, PlannedChange} from '../core/plan.js';
import type {Secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {version} from '../core/version.js';
import {hash} from '../materials/prepare.js';
import {type DatabaseThere, readDovecot} from '../planner/dialects/read.js';
import {digestOf, memoryBlobs} from '../system/blobs.js';
import type {System} from '../system/types.js';
import {applyPlan} from '../transaction/apply.js';
import {newPlanId} from './make-plan.js';

/** The list of accounts that a server keeps, and the tables of Postfix that follow it. */
export type AccountList = {
  readonly file: string;
  readonly names: readonly string[];
  readonly scheme: string;
  /** Lookup tables whose rows are the accounts, by type and path. */
  readonly tables: readonly {readonly type: string; readonly path: string}[];
};

/** Finds the list that Dovecot logs in by. Throws a ProblemError where the server keeps none. */
export const accountList = (facts: Facts): AccountList => {
  const database = readDovecot(facts).passdbs.find(({driver}) => driver === 'passwd-file');
  const file = database === undefined ? undefined : fileOf(database);
  if (database === undefined || file === undefined || facts.files[file] === undefined) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.none, remedy: texts.noneRemedy});
  }

  return {
    file,
    names: [...rowsOf(facts.files[file], 'passwd').keys()],
    scheme:
      database.values['default_password_scheme'] ??
      /(?:^|\s)scheme=(\S+)/.exec(database.values['args'] ?? '')?.[1] ??
      'BLF-CRYPT',
    tables: tablesOf(facts),
  };
};

export type AccountAct = {
  readonly act: 'add' | 'passwd' | 'remove';
  readonly name: string;
  /** The new password; missing for `remove`. */
  readonly password?: Secret;
  /** The same, as it is kept. */
  readonly hashed?: string;
};

/** Hashes a password as the list keeps them. It takes a while by intent, so it is done before anything is locked. */
export const hashFor = (system: System, {scheme}: AccountList, password: Secret) =>
  hash(system, ['BLF-CRYPT', 'SHA512-CRYPT', 'ARGON2ID'].includes(scheme) ? scheme : 'BLF-CRYPT', password);

/** Changes an account and the tables that follow it as one transaction, tried by logging in; or leaves all as it was. */
export const changeAccount = async (
  system: System,
  list: AccountList,
  {act, name, password, hashed}: AccountAct,
): Promise<readonly Finding[]> => {
  const text = system.files.read(list.file, {follow: true})?.toString('latin1') ?? '';
  const row = hashed === undefined ? undefined : rowWith(text, name, hashed);
  const blobs = memoryBlobs();
  const changes = changesFor(list, act, name, row === undefined ? undefined : blobs.put(Buffer.from(row)));
  const plan = await planOf(system, changes, {act, name});
  const found: Finding[] = [];
  await secondAfter(system.files.lstat(list.file)?.mtimeNs);
  const outcome = await applyPlan({
    plan,
    blobs,
    system,
    resolve: content =>
      Buffer.concat(
        content.map(part =>
          'blob' in part ? blobs.get(part.blob) : Buffer.from('text' in part ? part.text : '', 'latin1'),
        ),
      ),
    interrupted: () => false,
    onEvent: event => event.type === 'finding' && found.push(event.finding),
    prove: async () => [await shown(() => tryLogin(system, name, password))],
    onUnproved: 'roll-back',
  });
  if (outcome !== 'committed') {
    throw new ProblemError({
      code: exitCode.rolledBack,
      what: fill(texts.failed, {name}),
      ...(found[0] === undefined ? {} : {cause: found[0].summary}),
      remedy: texts.failedRemedy,
    });
  }

  return found;
};

// Dovecot tells versions of the list apart by their size and by whole seconds of their time, and looks once a second
// (src/auth/db-passwd-file.c): a version must not share its second with the one before, and needs a second to be seen.
const secondAfter = async (mtimeNs = 0n) => {
  const next = (Number(mtimeNs / 1_000_000_000n) + 1) * 1000;
  await wait(Math.min(Math.max(next - Date.now(), 0), 1000));
};

const shown = async (look: () => Promise<Finding>): Promise<Finding> => {
  for (const end = Date.now() + 5000; ; await wait(500)) {
    const finding = await look();
    if (finding.severity !== 'fail' || Date.now() > end) {
      return finding;
    }
  }
};

const wait = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

// The tables first when somebody goes, last when somebody comes: mail is never taken for an account that is not there.
const changesFor = (
  {file, tables}: AccountList,
  act: AccountAct['act'],
  name: string,
  row: string | undefined,
): readonly Change[] => {
  const account: ChangeOf<'rows.edit'> = {
    id: `rows.edit ${file}`,
    sections: ['users'],
    kind: 'rows.edit',
    path: file,
    format: 'passwd',
    rows: [
      row === undefined
        ? {section: 'users', key: name, state: 'absent'}
        : {section: 'users', key: name, state: 'present', content: [{blob: row}]},
    ],
    secret: true,
    owner: 'root',
    group: 'dovecot',
    mode: 0o640,
  };
  const follow = tables.flatMap(({type, path}): readonly Change[] => [
    {
      id: `rows.edit ${path}`,
      sections: ['users'],
      kind: 'rows.edit',
      path,
      format: 'table',
      rows: [
        act === 'remove'
          ? {section: 'users', key: name, state: 'absent'}
          : {section: 'users', key: name, state: 'present', keep: true, content: [{text: `${name} ${name}`}]},
      ],
      secret: false,
      owner: 'root',
      group: 'root',
      mode: 0o644,
    },
    {id: `map.compile ${type}:${path}`, sections: ['users'], kind: 'map.compile', source: path, type},
  ]);
  switch (act) {
    case 'add':
      return [account, ...follow];
    case 'remove':
      return [...follow, account];
    case 'passwd':
      return [account];
  }
};

const planOf = async (
  system: System,
  changes: readonly Change[],
  accounts: NonNullable<Plan['accounts']>,
): Promise<Plan> => {
  const planned: PlannedChange[] = [];
  for (const change of changes) {
    const handler = handlerOf(change);
    const seen = await handler.observe(system, change);
    planned.push({
      change,
      preview: handler.preview(change, seen, previews(system)),
      seen: digestOf(JSON.stringify(seen)),
    });
  }

  return {
    version: 1,
    id: newPlanId(),
    made: new Date().toISOString(),
    tool: version,
    platform: {id: '', name: '', forced: false},
    accounts,
    sections: ['users'],
    stages: [{name: 'configuration', changes: planned}],
    activations: [],
    edits: {dovecot: [], main: [], master: []},
    effective: [],
    probes: [],
    notes: [],
  };
};

const previews = ({files}: System): PreviewContext => ({
  blobs: memoryBlobs(),
  read: path => files.read(path, {follow: true})?.toString('latin1'),
  masked: content => content.map(part => ('text' in part ? part.text : '•••')).join(''),
  certainty: 'exact',
});

// doveadm-auth(1) reads the password from its input; without one, the account must be gone.
const tryLogin = async (
  {run, ground}: System,
  name: string,
  password: Secret | undefined,
): Promise<Finding> => {
  const id = `users:${name}`;
  if (ground === 'directory') {
    return {id, severity: 'unchecked', summary: fill(texts.unchecked, {name}), remedy: texts.uncheckedRemedy};
  }

  const {
    stdout,
    exitCode: code,
    stderr,
  } = password === undefined
    ? await run('/usr/bin/doveadm', ['user', '--', name])
    : await run('/usr/bin/doveadm', ['auth', 'test', '--', name], {input: password});
  const good = password === undefined ? code !== 0 : code === 0 && /auth succeeded/.test(stdout);
  if (code === 75) {
    return {id, severity: 'unchecked', summary: fill(texts.unchecked, {name}), remedy: texts.uncheckedRemedy};
  }

  return good
    ? {id, severity: 'pass', summary: fill(password === undefined ? texts.gone : texts.works, {name})}
    : {
        id,
        severity: 'fail',
        summary: fill(password === undefined ? texts.there : texts.refused, {name}),
        remedy: texts.failedRemedy,
        evidence: [stderr.split('\n')[0] ?? ''],
      };
};

// Other fields of an account that is there stay: quota, home, and what else Dovecot reads from them.
const rowWith = (text: string, name: string, hashed: string) => {
  const [, , ...rest] = rowsOf(text, 'passwd').get(name)?.split(':') ?? [];
  return [name, hashed, ...(rest.length === 0 ? ['', '', '', '', '', ''] : rest)].join(':');
};

const fileOf = ({values}: DatabaseThere) => values['passwd_file_path'] ?? values['args']?.split(/\s+/).at(-1);

// Tables of virtual mailboxes that are files with the accounts in them; a directory service follows by itself.
const tablesOf = ({postfix}: Facts): AccountList['tables'] =>
  (postfix?.settings['virtual_mailbox_maps'] ?? '')
    .split(/[\s,]+/)
    .flatMap(item => {
      const [, type, path] = /^(hash|lmdb|cdb|btree):(\/.+)$/.exec(item) ?? [];
      return type === undefined || path === undefined ? [] : [{type, path}];
    })
    .slice(0, 1);

const texts = {
  none: {
    en: 'This server does not keep a list of accounts (passwd-file).',
    ja: 'このサーバーにはアカウントの一覧 (passwd-file) がありません。',
  },
  noneRemedy: {
    en: 'Accounts of the system or of a directory are changed there.',
    ja: 'システムやディレクトリーのアカウントは、それぞれの場所で変更してください。',
  },
  works: {en: '{name} can log in.', ja: '{name} でログインできます。'},
  gone: {en: '{name} is unknown to the mail server.', ja: '{name} はメールサーバーに存在しません。'},
  there: {en: '{name} is still known to the mail server.', ja: '{name} がまだメールサーバーにあります。'},
  refused: {
    en: '{name} cannot log in with that password.',
    ja: '{name} はそのパスワードでログインできません。',
  },
  unchecked: {
    en: 'Whether {name} can log in: not checked, Dovecot does not run.',
    ja: '{name} のログイン: Dovecot が動作していないため未確認。',
  },
  uncheckedRemedy: {
    en: 'Log in with it once Dovecot runs.',
    ja: 'Dovecot の起動後にログインを確認してください。',
  },
  failed: {
    en: '{name} was not changed; all is as it was.',
    ja: '{name} は変更していません。すべて元のままです。',
  },
  failedRemedy: {
    en: 'See “journalctl -u dovecot”, then try again.',
    ja: '「journalctl -u dovecot」を確認し、もう一度実行してください。',
  },
} satisfies Record<string, Text>;
