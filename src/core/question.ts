import type {Challenge} from './acme.js';
import type {Facts} from './facts.js';
import type {Finding} from './finding.js';
import type {AliasFile} from './material.js';
import type {LdapServer} from './ldap/server.js';
import type {Platform} from './platform.js';
import type {SecretRef} from './secret.js';
import type {SqlSource, SqlTable} from './sql.js';
import type {Text} from './text.js';

/** What a question may look at: facts, the platform, and the answers given so far by all sections (read through `answer`). */
export type AskContext = {
  readonly facts: Facts;
  readonly platform: Platform;
  /** Answers of all sections, defaults filled in; values are typed by the reader in `steps/`. */
  readonly answers: AllAnswers;
};

/** Answers by section id, then question id. Plain JSON. */
export type AllAnswers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A first account of a list kept on this server. */
export type AccountAnswer = {readonly name: string; readonly password: SecretRef};

export type Choice<V extends string = string> = {
  readonly value: V;
  readonly label: Text;
  readonly hint?: Text;
  /** Why it cannot be chosen on this machine; shown, not selectable. */
  readonly unavailable?: (context: AskContext) => Text | undefined;
};

// Methods, not function properties: a select of narrow choices must still be a Question (method parameters are bivariant).
type Common<V> = {
  /** Plain words, no setting names. */
  readonly ask: Text;
  /** Short help: what to answer. */
  readonly help: Text;
  /** Why it matters, in a sentence. */
  readonly why: Text;
  readonly example?: string;
  /** One of the ten (asked in the flow), or decided by default and shown on the "decided for you" screen. */
  readonly level: 'basic' | 'advanced';
  readonly initial: (context: AskContext) => V | undefined;
  /** Where it does not apply it is neither asked nor kept. */
  readonly when?: (context: AskContext) => boolean;
  /** The reason why a value is refused; pure and instant. */
  validate?(value: V, context: AskContext): Text | undefined;
  /** A finding to show though the value is accepted (a risk, a deviation). */
  caution?(value: V, context: AskContext): Text | undefined;
  /** Facts that have to be tested while asking; the session runs it as an effect and can be overruled. */
  live?(value: V, context: AskContext): LiveCheck | undefined;
};

/** A test against the world that a question wants run before its answer counts; handled by `probes`. */
export type LiveCheck =
  | {
      readonly kind: 'certificate-pair';
      readonly certificate: string;
      readonly key: string;
      readonly name: string;
    }
  | {
      readonly kind: 'lmtp-reachable';
      readonly host: string;
      readonly port: number;
      readonly tls: 'starttls' | 'wrapper';
      readonly ca: string;
    }
  | {readonly kind: 'sasl-reachable'; readonly host: string; readonly port: number}
  | {
      readonly kind: 'smtp-reachable';
      readonly host: string;
      readonly port: number;
      /** As the port has it, where it is not known yet. */
      readonly tls?: 'starttls' | 'wrapper' | 'none';
    }
  | {
      readonly kind: 'smtp-login';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: SecretRef;
      readonly tls: 'starttls' | 'wrapper' | 'none';
    }
  /** A database: it answers, with the right certificate, lets us in, has the table and its columns, hashes of that scheme, and the sample account with that password. */
  | {
      readonly kind: 'sql';
      readonly source: SqlSource;
      readonly password?: SecretRef;
      readonly table?: SqlTable;
      readonly scheme?: string;
      readonly sample?: {readonly name: string; readonly password: SecretRef};
    }
  /**
   * A directory: it answers, shows a certificate of the right authority, lets itself be read below the base, has exactly one entry
   * of a person, and takes that person's password. Each stage begins with those before it.
   */
  | {
      readonly kind: 'ldap';
      readonly section: string;
      readonly stage: 'connect' | 'tls' | 'base' | 'person' | 'login';
      readonly server: LdapServer;
      readonly filter?: string;
      readonly person?: string;
      /** What people bind with, where that is not their entry's name. */
      readonly template?: string;
      readonly password?: SecretRef;
    }
  /** A user of this machine and a password, asked of saslauthd(8) as Postfix would. */
  | {
      readonly kind: 'saslauthd';
      readonly socket: string;
      readonly user: string;
      readonly password: SecretRef;
    }
  /** An authority that certbot(1) asks, and what it will look at: the names in DNS, port 80 here. `store`: whom this machine trusts. */
  | {
      readonly kind: 'acme';
      readonly server: string;
      readonly names: readonly string[];
      readonly challenge: Challenge;
      readonly store: string;
    }
  | {readonly kind: 'resolves'; readonly name: string}
  /** Block lists are alive: they answer for their test entry, for nobody else, and as they document it (RFC 5782, 5). */
  | {readonly kind: 'block-lists'; readonly lists: readonly {readonly zone: string; readonly codes: string}[]}
  /** A file of aliases is good, line by line. */
  | {readonly kind: 'alias-file'; readonly file: AliasFile}
  /** Patterns of header_checks(5) are read without complaint; `sample`: which of them hits it. */
  | {
      readonly kind: 'patterns';
      readonly part: 'header' | 'body';
      readonly type: 'regexp' | 'pcre';
      readonly rules: readonly string[];
      readonly sample?: string;
    };

/** A check that takes something typed to be tried on. */
export type Attempt = Extract<LiveCheck, {readonly kind: 'patterns'}>;

/**
 * Result of a live check: findings; a `fail` keeps the question open unless it is overruled. `decides`: answers of the same section
 * that were found out on the way; they are the defaults of questions that nobody has answered.
 */
export type LiveResult = readonly (Finding & {readonly decides?: Readonly<Record<string, unknown>>})[];

/** A look at the world for what can be answered: tables of a database, or the columns of one. Five seconds at most. */
export type Look = {
  readonly kind: 'sql-names';
  readonly source: SqlSource;
  readonly password?: SecretRef;
  /** Its columns are looked for; without it, all tables. */
  readonly table?: string;
};

/** Something that is there to be chosen. What the world calls it may hold anything: it is shown made visible. */
export type Offer = {readonly value: string; readonly hint?: string};

/** What a look saw, or why it saw nothing. */
export type Looked =
  | {readonly kind: 'offers'; readonly offers: readonly Offer[]}
  | {readonly kind: 'nothing'; readonly finding: Finding};

export type TextQuestion = Common<string> & {
  readonly kind: 'text';
  /** Where what is there can be looked up, it is chosen from that; something else can be typed all the same. */
  offers?(context: AskContext): Look | undefined;
};
export type NumberQuestion = Common<number> & {
  readonly kind: 'number';
  readonly min?: number;
  readonly max?: number;
};
export type YesNoQuestion = Common<boolean> & {readonly kind: 'yes-no'};
export type SelectQuestion<V extends string = string> = Common<V> & {
  readonly kind: 'select';
  readonly choices: readonly Choice<V>[];
};
export type MultiQuestion<V extends string = string> = Common<readonly V[]> & {
  readonly kind: 'multi';
  readonly choices: readonly Choice<V>[];
};
/** Several texts, e.g. domains: one per line or separated by blanks or commas. */
export type ListQuestion = Common<readonly string[]> & {
  readonly kind: 'list';
  readonly validateItem?: (item: string, context: AskContext) => Text | undefined;
};
/** A table of whole lines, added, changed and taken out one by one; blanks and commas may stand in them. */
export type RowsQuestion = Common<readonly string[]> & {
  readonly kind: 'rows';
  readonly validateItem?: (item: string, context: AskContext) => Text | undefined;
  /** What the lines can be tried on, where they can. */
  attempt?(items: readonly string[], context: AskContext): Attempt;
};
export type SecretQuestion = Common<SecretRef> & {
  readonly kind: 'secret';
  /** A new one: it can be made here, or is typed twice. One that is in force elsewhere is typed once and tried. */
  readonly canGenerate: boolean;
  /** Checks a typed secret; the value goes nowhere else. */
  readonly validateSecret?: (value: string, context: AskContext) => Text | undefined;
};
export type AccountsQuestion = Common<readonly AccountAnswer[]> & {
  readonly kind: 'accounts';
  /** What a name is called where it is typed in; without it, a mail address. */
  readonly nameLabel?: Text;
  /** `name`: the account that the password is for. */
  readonly validateSecret?: (value: string, context: AskContext, name: string) => Text | undefined;
};

export type Question =
  | TextQuestion
  | NumberQuestion
  | YesNoQuestion
  | SelectQuestion
  | MultiQuestion
  | ListQuestion
  | RowsQuestion
  | SecretQuestion
  | AccountsQuestion;

export type Questions = Readonly<Record<string, Question>>;

/** The type of a question's answer. */
export type AnswerOf<Q> = Q extends {kind: 'text'}
  ? string
  : Q extends {kind: 'number'}
    ? number
    : Q extends {kind: 'yes-no'}
      ? boolean
      : Q extends {kind: 'select'; choices: readonly Choice<infer V>[]}
        ? V
        : Q extends {kind: 'multi'; choices: readonly Choice<infer V>[]}
          ? readonly V[]
          : Q extends {kind: 'list' | 'rows'}
            ? readonly string[]
            : Q extends {kind: 'secret'}
              ? SecretRef
              : Q extends {kind: 'accounts'}
                ? readonly AccountAnswer[]
                : never;

/** Answers of a section; a question that did not apply is missing. `custom` marks what adoption found and no question can express. */
export type Answers<Q extends Questions> = {readonly [K in keyof Q]?: AnswerOf<Q[K]>} & {
  readonly custom?: readonly string[];
};

/** Builders: they keep the literal types of choices. */
export const text = (q: Omit<TextQuestion, 'kind'>): TextQuestion => ({kind: 'text', ...q});
export const number = (q: Omit<NumberQuestion, 'kind'>): NumberQuestion => ({kind: 'number', ...q});
export const yesNo = (q: Omit<YesNoQuestion, 'kind'>): YesNoQuestion => ({kind: 'yes-no', ...q});
export const select = <const V extends string>(q: Omit<SelectQuestion<V>, 'kind'>): SelectQuestion<V> => ({
  kind: 'select',
  ...q,
});
export const multi = <const V extends string>(q: Omit<MultiQuestion<V>, 'kind'>): MultiQuestion<V> => ({
  kind: 'multi',
  ...q,
});
export const list = (q: Omit<ListQuestion, 'kind'>): ListQuestion => ({kind: 'list', ...q});
export const rows = (q: Omit<RowsQuestion, 'kind'>): RowsQuestion => ({kind: 'rows', ...q});
export const secretQuestion = (q: Omit<SecretQuestion, 'kind'>): SecretQuestion => ({kind: 'secret', ...q});
export const accounts = (q: Omit<AccountsQuestion, 'kind'>): AccountsQuestion => ({kind: 'accounts', ...q});
