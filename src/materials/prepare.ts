import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {KeySpec, Material, MaterialRequest} from '../core/material.js';
import {passwordProblem} from '../core/password-policy.js';
import {type Secret, type SecretRef, secret} from '../core/secret.js';
import {fill, join, type Text} from '../core/text.js';
import {createPrivateKey} from 'node:crypto';
import {algorithmOfKey, makeKey, pairProblem} from '../pki/certificate.js';
import {readAliasFile} from './alias-file.js';
import {answerOf, requestOf} from './authority.js';
import {sqliteFile} from './sqlite.js';
import type {Host, ReadFiles} from '../system/types.js';

export type Prepared = {
  readonly materials: Readonly<Record<string, Material>>;
  /** Bytes of a material; they exist in memory only until they are written. */
  readonly bytes: (id: string) => Buffer;
};

/**
 * Where files of the administrator's own are, on the machine itself: a view has not what is mounted there; how far long work is; and
 * what Dovecot's tools read as its configuration, where the present one is no good.
 */
type Outer = {
  readonly files?: ReadFiles;
  readonly tell?: (progress: Text) => void;
  readonly dovecot?: string;
};

/** Makes keys, certificates and hashes, or finds good ones and reuses them, so that planning can stay pure. */
export const prepareMaterials = async (
  requests: readonly MaterialRequest[],
  host: Host,
  open: (ref: SecretRef) => Secret | undefined,
  {files = host.files, tell = () => undefined, dovecot}: Outer = {},
): Promise<Prepared> => {
  const made = new Map<string, string>();
  const large = new Map<string, Buffer>();
  const materials: Record<string, Material> = {};
  const keep = (request: MaterialRequest, value: string, reused: boolean) => {
    made.set(request.id, value);
    materials[request.id] = {id: request.id, kind: request.kind, reused};
  };

  for (const request of requests) {
    switch (request.kind) {
      case 'key': {
        const there = host.files.read(request.existing)?.toString('latin1');
        const good = there !== undefined && fits(there, request.spec);
        keep(request, good ? there : makeKey(request.spec), good);
        break;
      }
      case 'self-signed': {
        const key = made.get(request.key) ?? '';
        const there = host.files.read(request.existing)?.toString('latin1');
        const good = there !== undefined && isGood(there, key, request);
        keep(request, good ? there : await certificateOf(request, key), good);
        break;
      }
      case 'request': {
        const there = host.files.read(request.existing)?.toString('latin1');
        const pem = await requestOf(request, made.get(request.key) ?? '', there);
        keep(request, pem, pem === there);
        break;
      }
      case 'ca-answer': {
        const there = host.files.read(request.existing)?.toString('latin1');
        const pem = await answerOf(request, made.get(request.key) ?? '', host.files);
        keep(request, pem, pem === there);
        break;
      }
      case 'alias-file': {
        const read = readAliasFile(files, request, tell);
        if (!read.ok) {
          throw new ProblemError({
            code: exitCode.badAnswers,
            what: fill(texts.aliases, {path: request.path}),
            cause: join(
              read.findings.map(({summary}) => summary),
              '\n',
            ),
            remedy: texts.aliasesRemedy,
          });
        }

        large.set(request.id, read.rows);
        large.set(recordId(request.id), read.record);
        materials[request.id] = {id: request.id, kind: request.kind, reused: false, found: read.found};
        break;
      }
      case 'sqlite': {
        const there = host.files.read(request.existing, {follow: true, limit: databaseLimit});
        const accounts = request.accounts.map(({name, hash: id}) => ({name, hash: made.get(id) ?? ''}));
        const bytes = there ?? (await sqliteFile(request.table, accounts));
        keep(request, bytes.toString('latin1'), there !== undefined);
        break;
      }
      case 'secret': {
        const value = open(request.secret);
        if (value !== undefined) {
          keep(request, Buffer.from(value.reveal()).toString('latin1'), false);
        }

        break;
      }
      case 'password-hash': {
        const password = open(request.password);
        if (password !== undefined) {
          checkPassword(password, request.user);
          keep(request, await hash(host, request.scheme, password, dovecot), false);
        }

        break;
      }
    }
  }

  return {
    materials,
    bytes: id => {
      const value = large.get(id) ?? made.get(id);
      if (value === undefined) {
        throw new ProblemError({
          code: exitCode.internal,
          what: fill(texts.missing, {id}),
          remedy: texts.missingRemedy,
        });
      }

      return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    },
  };
};

/** Name of the bytes that are kept of a file of aliases. */
export const recordId = (id: string) => `${id}.record`;

/** Bytes that a database of accounts may have. */
const databaseLimit = 256 * 1024 * 1024;

// Another kind of key is made only where that is asked for; one that dovetail does not make is somebody's own choice.
const fits = (pem: string, {algorithm}: KeySpec) => {
  try {
    return [undefined, algorithm].includes(algorithmOfKey(createPrivateKey(pem)));
  } catch {
    return false;
  }
};

// One that ends soon is made anew: nobody else renews it.
const isGood = (
  pem: string,
  key: string,
  {names, days, interim}: Extract<MaterialRequest, {kind: 'self-signed'}>,
) => {
  const soon = Date.now() + Math.min(30, days / 3) * 86_400_000;
  const problems = names.flatMap(name => [pairProblem(pem, key, name), pairProblem(pem, key, name, soon)]);
  return interim === true
    ? !problems.some(problem => problem === 'key' || problem === 'unreadable')
    : problems.every(problem => problem === undefined);
};

// The library that builds certificates is large, and one that is still good does not need it.
const certificateOf = async (
  {subject, names, days}: Extract<MaterialRequest, {kind: 'self-signed'}>,
  key: string,
) => {
  const {selfSigned} = await import('../pki/self-signed.js');
  return selfSigned(key, subject, names, days);
};

// One that comes from a file or a descriptor was never typed, so nobody has looked at it yet.
const checkPassword = (password: Secret, user: string) => {
  const cause = passwordProblem(password.reveal(), user);
  if (cause !== undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.refused, {user}),
      cause,
      remedy: texts.refusedRemedy,
    });
  }
};

/** A password's hash as Dovecot keeps it. doveadm-pw(1) asks twice when it reads from a pipe; the password is never an argument. */
export const hash = async (host: Host, scheme: string, password: Secret, config?: string) => {
  const rounds = scheme === 'BLF-CRYPT' ? ['-r', '12'] : scheme === 'SHA512-CRYPT' ? ['-r', '100000'] : [];
  const twice = secret(`${password.reveal()}\n${password.reveal()}\n`);
  const {
    exitCode: code,
    stdout,
    stderr,
  } = await host.run(
    '/usr/bin/doveadm',
    [...(config === undefined ? [] : ['-c', config]), 'pw', '-s', scheme, ...rounds],
    {input: twice},
  );
  const line = stdout.split('\n').find(candidate => candidate.startsWith('{'));
  if (code !== 0 || line === undefined) {
    throw new ProblemError({
      code: exitCode.internal,
      what: texts.hash,
      cause: fill(texts.said, {stderr}),
      remedy: texts.hashRemedy,
    });
  }

  return line;
};

const texts = {
  aliases: {en: 'The aliases in {path} cannot be taken in.', ja: '{path} の別名を取り込めません。'},
  aliasesRemedy: {
    en: 'Correct the lines that are named; nothing was written.',
    ja: '示された行を直してください。何も書き込んでいません。',
  },
  missing: {en: 'The material {id} is not in memory any more.', ja: '素材 {id} がメモリーに残っていません。'},
  missingRemedy: {en: 'Plan again.', ja: '計画を作り直してください。'},
  refused: {en: 'The password for {user} cannot be used.', ja: '{user} のパスワードは使えません。'},
  refusedRemedy: {
    en: 'Choose another one, or answer “generate”.',
    ja: '別のパスワードを選ぶか、「generate」を指定してください。',
  },
  hash: {en: 'The password could not be hashed.', ja: 'パスワードをハッシュ化できませんでした。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  hashRemedy: {
    en: 'Dovecot must be installed, or staged as root, to hash passwords.',
    ja: 'パスワードのハッシュ化には、Dovecot のインストールか root での準備が必要です。',
  },
} satisfies Record<string, Text>;
