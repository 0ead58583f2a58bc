import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {MaterialRequest} from '../core/material.js';
import {fill, type Text} from '../core/text.js';
import {pkiLimit} from '../pki/inspect.js';
import type {ReadFiles} from '../system/types.js';

/** The request for an authority: the one that is there, where it asks for the same, so that it is not sent twice. */
export const requestOf = async (
  {subject, names}: Extract<MaterialRequest, {kind: 'request'}>,
  key: string,
  there: string | undefined,
): Promise<string> => {
  const {isSameRequest, makeRequest} = await import('../pki/request.js');
  return there !== undefined && isSameRequest(there, key, subject, names)
    ? there
    : makeRequest(key, subject, names);
};

/** What an authority answered, as one PEM file. Throws a ProblemError that says what is wrong with it and what to do. */
export const answerOf = async (
  {files: paths, names}: Extract<MaterialRequest, {kind: 'ca-answer'}>,
  key: string,
  files: ReadFiles,
): Promise<string> => {
  const path = paths.join(', ');
  const contents = paths.map(name => {
    const bytes = files.read(name, {follow: true, limit: pkiLimit});
    if (bytes === undefined) {
      throw refused('missing', {path: name});
    }

    return bytes;
  });
  const {readAnswer} = await import('../pki/answer.js');
  const answer = readAnswer(contents, key, names);
  if (answer.kind === 'problem') {
    throw refused(answer.why, {path, names: names.join(', ')});
  }

  return answer.pem;
};

const refused = (why: keyof typeof texts, values: Readonly<Record<string, string>>) =>
  new ProblemError({
    code: exitCode.badAnswers,
    what: fill(texts[why].what, values),
    remedy: fill(texts[why].remedy, values),
  });

const texts = {
  missing: {
    what: {
      en: 'The authority’s answer {path} cannot be read.',
      ja: '認証局から届いたファイル {path} を読み取れません。',
    },
    remedy: {
      en: 'Copy it to this machine, and name its absolute path.',
      ja: 'このマシンにコピーし、絶対パスを指定してください。',
    },
  },
  encrypted: {
    what: {
      en: '{path} holds a private key that is protected by a passphrase.',
      ja: '{path} にパスフレーズ付きの秘密鍵が含まれています。',
    },
    remedy: {
      en: 'An authority answers with certificates alone; the key never leaves this machine. If you mean a pair of your own, choose own files; write the key without a passphrase first: umask 077; openssl pkey -in {path} -out server.key',
      ja: '認証局の回答は証明書だけで、鍵はこのマシンから出ません。自分の鍵と証明書を使う場合は「手持ちのファイル」を選び、先に umask 077; openssl pkey -in {path} -out server.key でパスフレーズを外してください。',
    },
  },
  archive: {
    what: {
      en: '{path} is a PKCS#12 archive, which is protected by a password.',
      ja: '{path} はパスワード付きの PKCS#12 です。',
    },
    remedy: {
      en: 'Take the certificates out of it: openssl pkcs12 -in {path} -nokeys -out answer.pem',
      ja: 'openssl pkcs12 -in {path} -nokeys -out answer.pem で証明書を取り出してください。',
    },
  },
  unreadable: {
    what: {
      en: '{path} holds no certificates that can be read.',
      ja: '{path} に読み取れる証明書がありません。',
    },
    remedy: {
      en: 'PEM, DER and PKCS#7 (.p7b) are understood; ask the authority for one of them.',
      ja: 'PEM、DER、PKCS#7 (.p7b) に対応しています。認証局にこれらの形式を求めてください。',
    },
  },
  key: {
    what: {
      en: 'No certificate in {path} belongs to the key of this machine’s request.',
      ja: '{path} に、このマシンの申請の鍵に対応する証明書がありません。',
    },
    remedy: {
      en: 'It must be the answer to the request (server.csr) as it is now: a request that was made anew needs a new answer.',
      ja: '現在の申請 (server.csr) への回答が必要です。申請を作り直した場合は、回答も新しく受け取ってください。',
    },
  },
  ca: {
    what: {
      en: 'The certificate in {path} is that of an authority, not of a server.',
      ja: '{path} の証明書はサーバー用ではなく認証局のものです。',
    },
    remedy: {
      en: 'Ask for a certificate of a server.',
      ja: 'サーバー証明書を発行してもらってください。',
    },
  },
  dates: {
    what: {
      en: 'The certificate in {path} is not valid today.',
      ja: '{path} の証明書は現在有効ではありません。',
    },
    remedy: {
      en: 'Check this machine’s clock; if it is right, ask for a new certificate.',
      ja: '時計を確認し、正しければ新しい証明書を依頼してください。',
    },
  },
  name: {
    what: {
      en: 'The certificate in {path} is not for all of these names: {names}.',
      ja: '{path} の証明書に次の名前がそろっていません: {names}',
    },
    remedy: {
      en: 'Mail programs compare the name: ask the authority for all names of the request.',
      ja: 'メールソフトは名前を照合します。申請したすべての名前を認証局に求めてください。',
    },
  },
} satisfies Record<string, {readonly what: Text; readonly remedy: Text}>;
