import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {type Secret, type SecretRef, secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';

/** Secrets of this process: typed, generated, or read once from where an answers file says. Nothing here is ever printed. */
export type Vault = {
  /** Keeps a value and returns the reference that may stand in answers. */
  readonly hold: (value: string) => {readonly held: string};
  /** The value that a reference means; undefined for `keep`. Throws a ProblemError where it cannot be read. */
  readonly open: (ref: SecretRef) => Secret | undefined;
  /** All values known so far, to be masked in whatever is shown. */
  readonly values: () => readonly string[];
};

/** Bytes that a secret's file may have. */
const limit = 4096;

export const createVault = (generate: () => string): Vault => {
  const held = new Map<string, Secret>();
  const sources = new Map<string, Secret>();
  const hold = (value: string) => {
    const id = randomBytes(9).toString('base64url');
    held.set(id, secret(value));
    return {held: id};
  };

  return {
    hold,
    open: ref => {
      if (ref === 'keep') {
        return undefined;
      }

      if (ref === 'generate') {
        return secret(generate());
      }

      if ('held' in ref) {
        return held.get(ref.held) ?? missing();
      }

      const known = sources.get(ref.from) ?? readSource(ref.from);
      sources.set(ref.from, known);
      return known;
    },
    values: () => [...held.values(), ...sources.values()].map(value => value.reveal()),
  };
};

const readSource = (source: string): Secret =>
  secret(
    readSecretBytes(source, limit, texts.tooLong)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );

/** The bytes of a source of secrets (`file:/PATH`, `fd:NUMBER`), where nobody else can read it; a ProblemError where not. */
export const readSecretBytes = (source: string, most: number, tooLong: Text): Buffer => {
  const descriptor = source.startsWith('fd:')
    ? Number(source.slice(3))
    : openSecretFile(source.slice('file:'.length));
  try {
    const buffer = Buffer.alloc(
      Math.min(most, source.startsWith('fd:') ? most : fstatSync(descriptor).size) + 1,
    );
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (read === 0) {
        break;
      }

      length += read;
      if (length === buffer.length) {
        throw problem(source, tooLong);
      }
    }

    return buffer.subarray(0, length);
  } catch (error) {
    throw error instanceof ProblemError ? error : problem(source, texts.unreadable);
  } finally {
    if (!source.startsWith('fd:')) {
      closeSync(descriptor);
    }
  }
};

// O_NONBLOCK: a FIFO must not make us wait; the kind is checked on the open file, so nothing can be swapped in between.
const openSecretFile = (path: string) => {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    throw problem(path, texts.unreadable);
  }

  const stat = fstatSync(descriptor);
  const reason = !stat.isFile()
    ? texts.notFile
    : (stat.mode & 0o077) !== 0
      ? texts.readable
      : stat.uid !== 0 && stat.uid !== process.getuid?.()
        ? texts.owner
        : undefined;
  if (reason !== undefined) {
    closeSync(descriptor);
    throw problem(path, reason);
  }

  return descriptor;
};

const problem = (source: string, cause: Text) =>
  new ProblemError({
    code: exitCode.badAnswers,
    what: fill(texts.what, {source}),
    cause,
    remedy: fill(texts.remedy, {source: source.replace(/^file:/, '')}),
  });

const missing = (): never => {
  throw new ProblemError({code: exitCode.internal, what: texts.gone, remedy: texts.askAgain});
};

const texts = {
  what: {en: 'The secret in {source} cannot be used.', ja: '{source} の秘密の値を使えません。'},
  unreadable: {en: 'It cannot be read.', ja: '読み取れません。'},
  notFile: {en: 'It is not a regular file.', ja: '通常のファイルではありません。'},
  readable: {en: 'Others can read or write it.', ja: '他のユーザーが読み書きできます。'},
  owner: {en: 'It belongs to somebody else.', ja: '所有者が別のユーザーです。'},
  tooLong: {en: 'It is longer than 4096 bytes.', ja: '4096 バイトを超えています。'},
  remedy: {
    en: 'Write the secret into a file of your own with mode 0600 (chmod 600 {source}).',
    ja: '秘密の値を自分が所有するモード 0600 のファイルに書いてください (chmod 600 {source})。',
  },
  gone: {
    en: 'A secret that was typed in is no longer in memory.',
    ja: '入力された秘密の値がメモリーに残っていません。',
  },
  askAgain: {en: 'Answer that question again.', ja: 'その質問にもう一度回答してください。'},
} satisfies Record<string, Text>;
