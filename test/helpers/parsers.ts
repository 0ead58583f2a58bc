import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {AllAnswers} from '../../src/core/question.js';
import type {LabHost} from '../hosts/host.js';
import {answersFor, combinations, databasesOf, nameOf} from './combinations.js';
import {effectiveProblems} from './effective-dovecot.js';
import {mainProblems} from './main-problems.js';
import {differs, driversOf, listenerProblems, protocolsOf} from './parsed-dovecot.js';
import {plannedOn, stockAnswers, type StockRow, stockRows, titleOf} from './stock-rows.js';
import type {Stock} from './stock.js';

// Reads each tree as the daemons do, before and after; files that settings name are there, though empty.
const script = `
mkdir -p /etc/ssl/dovetail /etc/pki/tls/certs /etc/pki/tls/private /etc/pki/dovetail /etc/pki/dovecot/certs /etc/pki/dovecot/private /usr/share/dovecot /etc/dovecot/private
for file in /etc/ssl/dovetail/server.crt /etc/ssl/dovetail/server.key /etc/pki/dovecot/certs/dovecot.pem \\
  /etc/pki/dovetail/server.crt /etc/pki/dovetail/server.key /etc/pki/dovecot/private/dovecot.pem /usr/share/dovecot/dh.pem; do [ -e "$file" ] || : > "$file"; done
for tree in /srv/trees/*; do
  doveconf -n -c "$tree/dovecot/dovecot.conf" > "$tree/doveconf" 2> "$tree/doveconf.err"; echo $? > "$tree/doveconf.rc"
  postconf -n -c "$tree/postfix" > "$tree/postconf" 2> "$tree/postconf.err"; echo $? > "$tree/postconf.rc"
  postconf -M -c "$tree/postfix" > "$tree/master" 2>> "$tree/postconf.err"
  case $tree in *-before) doveconf -d -c "$tree/dovecot/dovecot.conf" > "$tree/defaults" 2> /dev/null || true;; esac
done
`;

/** Answers whose tree is read, and what has to be in force then. */
export type Case = {
  readonly title: string;
  readonly answers: AllAnswers;
  readonly role: StockRow['role'];
  readonly format: StockRow['format'];
  readonly services: StockRow['services'];
  readonly ports: StockRow['ports'];
  readonly submission?: StockRow['submission'];
  /** Where mail is below a home. @default mail */
  readonly folder?: string;
  /** Drivers, whatever their order: no name has two owners. Those of the gate that keeps the system's own users out are not among them. */
  readonly passdbs?: readonly string[];
  readonly userdbs?: readonly string[];
};

/** The rows of answers that every stock tree is tried with. */
export const stockCases: readonly Case[] = stockRows.map(row => ({
  ...row,
  title: titleOf(row),
  answers: stockAnswers(row),
}));

/** Every way to keep accounts with every set of protocols and every format of mailboxes. */
export const combinationCases: readonly Case[] = combinations.map(one => ({
  ...databasesOf(one),
  title: nameOf(one),
  answers: answersFor(one),
  role: 'complete',
  format: one.format,
  services: one.services.length > 1 ? 'both' : 'imap',
  ports: one.ports,
  // Where the machine's own users look for it themselves.
  ...(one.backend === 'users of the machine' && one.format === 'maildir' ? {folder: 'Maildir'} : {}),
}));

/** What the daemons of a host find wrong with stock trees that were edited for each case, or mean otherwise. */
export const problemsOf = async (
  host: LabHost,
  trees: readonly Stock[],
  cases: readonly Case[],
): Promise<readonly string[]> => {
  const planned: Record<string, ReturnType<typeof plannedOn>> = {};
  for (const [index, stock] of trees.entries()) {
    put(host, `${index}-before`, stock.facts.files);
    for (const [number, {answers}] of cases.entries()) {
      const plan = plannedOn(stock, answers);
      planned[`${index}-${number}`] = plan;
      put(host, `${index}-${number}`, {...plan.after.files, ...besides(plan)});
    }
  }

  host.write('/root/read.sh', script);
  const {exitCode, stderr} = await host.run('sh', ['/root/read.sh'], {timeout: 500_000});
  const problems = exitCode === 0 ? [] : [stderr];
  for (const [index, stock] of trees.entries()) {
    const before = read(host, `${index}-before`);
    const defaults = shown(host, `${index}-before`, 'defaults');
    for (const [number, row] of cases.entries()) {
      const {wants = [], compiled} = planned[`${index}-${number}`] ?? {};
      const refused = compiled?.findings.filter(({severity}) => severity === 'fail') ?? [];
      const after = read(host, `${index}-${number}`);
      const edits = compiled?.edits.dovecot.map(({edit}) => edit) ?? [];
      problems.push(
        ...[
          ...refused.map(({summary}) => summary.en),
          ...judge(stock, row, wants, before, after),
          ...effectiveProblems(edits, {before: before.dovecot, after: after.dovecot, defaults}),
        ].map(problem => `${stock.name}, ${row.title}: ${problem}`),
      );
    }
  }

  return problems;
};

/** Files beside the configuration that it includes: rows with their secrets as •. */
const besides = ({compiled}: ReturnType<typeof plannedOn>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    compiled.changes.flatMap(change =>
      change.kind === 'rows.edit' && change.path.startsWith('/etc/dovecot/')
        ? [
            [
              change.path,
              change.rows
                .flatMap(({content}) =>
                  content === undefined
                    ? []
                    : [content.map(part => ('text' in part ? part.text : '•')).join('')],
                )
                .join('\n'),
            ],
          ]
        : [],
    ),
  );

/** A tree beside the host's own configuration; what is outside of /etc is the host's. */
const put = (host: LabHost, tree: string, files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    const [, place] = /^\/etc\/((?:dovecot|postfix)\/.+)$/.exec(path) ?? [];
    if (place !== undefined) {
      const target = join(host.tree, 'srv/trees', tree, place);
      mkdirSync(dirname(target), {recursive: true});
      writeFileSync(target, text, 'latin1');
    }
  }
};

type Read = {
  readonly codes: string;
  readonly errors: string;
  readonly dovecot: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly main: Readonly<Record<string, string>>;
  readonly master: string;
};

/** Lines that doveconf(1) wrote about a tree, without its remarks. */
const shown = (host: LabHost, tree: string, file: string) =>
  readFileSync(join(host.tree, 'srv/trees', tree, file), 'latin1')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));

const read = (host: LabHost, tree: string): Read => {
  const text = (file: string) => readFileSync(join(host.tree, 'srv/trees', tree, file), 'latin1');
  const pairs = (lines: string, sign: string) =>
    Object.fromEntries(
      lines
        .split('\n')
        .filter(line => line.includes(sign))
        .map(line => [
          line.slice(0, line.indexOf(sign)).trim(),
          line.slice(line.indexOf(sign) + sign.length).trim(),
        ]),
    );
  return {
    codes: `${text('doveconf.rc').trim()} ${text('postconf.rc').trim()}`,
    errors: `${text('doveconf.err')}${text('postconf.err')}`,
    dovecot: shown(host, tree, 'doveconf'),
    values: pairs(text('doveconf').replaceAll(/^ .*$/gm, ''), ' ='),
    main: pairs(text('postconf'), ' ='),
    master: text('master'),
  };
};

/** What is not as it was asked for: of Dovecot's settings those that matter, of main.cf all. */
const judge = (
  stock: Stock,
  row: Case,
  owned: ReturnType<typeof plannedOn>['wants'],
  before: Read,
  after: Read,
): readonly string[] => {
  const wants = owned.map(({want}) => want);
  const errors =
    /fatal|unused parameter|error/i.test(after.errors) && !/fatal|unused|error/i.test(before.errors);
  return [
    ...(after.codes === '0 0' && !errors ? [] : [`${after.codes} ${after.errors}`]),
    ...mainProblems(wants, before.main, after.main),
    ...(row.role === 'null-client'
      ? after.dovecot.join('\n') === before.dovecot.join('\n')
        ? []
        : ['Dovecot was changed']
      : dovecotProblems(stock, row, after)),
    ...(row.role === 'complete' && row.submission !== undefined
      ? masterProblems(row.submission, after.master)
      : []),
  ];
};

const dovecotProblems = (stock: Stock, row: Case, {values, dovecot}: Read): readonly string[] => {
  const is24 = stock.facts.dovecot?.dialect === '2.4';
  const expected: Readonly<Record<string, string>> = is24
    ? {
        mail_driver: row.format,
        mail_path: `~/${row.folder ?? 'mail'}`,
        ssl: 'required',
      }
    : {
        ssl: 'required',
      };
  // Compiled defaults are not shown: what allows passwords without TLS must not be said at all, or said as they have it.
  const cleartext = is24
    ? values['auth_allow_cleartext'] === 'yes'
    : values['disable_plaintext_auth'] === 'no';
  const protocols = protocolsOf(is24, dovecot);
  return [
    ...(cleartext ? ['passwords without TLS are allowed'] : []),
    // 2.4 shows it in a block of its own.
    ...(dovecot.some(
      line =>
        /^\s*(?:ssl_)?cert(?:_file)? = /.test(line) &&
        line.endsWith(`${stock.platform.paths.certificates}/server.crt`),
    )
      ? []
      : ['the certificate is another one']),
    ...Object.entries(expected).flatMap(([name, value]) =>
      values[name]?.trim() === value ? [] : [`${name}: ${values[name]} and not ${value}`],
    ),
    ...(is24 || values['mail_location']?.startsWith(`${row.format}:~/${row.folder ?? 'mail'}`) === true
      ? []
      : [`mail_location: ${values['mail_location']}`]),
    ...(protocols.includes('imap') && protocols.includes('pop3') === (row.services === 'both')
      ? []
      : [`protocols: ${protocols.join(' ')}`]),
    ...(row.passdbs === undefined ? [] : differs('passdb', row.passdbs, driversOf(dovecot, 'passdb'))),
    ...(row.userdbs === undefined ? [] : differs('userdb', row.userdbs, driversOf(dovecot, 'userdb'))),
    ...listenerProblems(row, dovecot),
  ];
};

const masterProblems = (submission: StockRow['submission'], master: string): readonly string[] => {
  const has = (pattern: RegExp) => pattern.test(master);
  const found = [
    has(/^(?:submissions|smtps|465) +inet /m) ? '465' : '',
    has(/^(?:submission|587) +inet /m) ? '587' : '',
  ];
  const wanted = submission === 'both' ? ['465', '587'] : [submission];
  return found.filter(Boolean).join(' ') === wanted.join(' ') ? [] : [`submission: ${found.join(' ')}`];
};
