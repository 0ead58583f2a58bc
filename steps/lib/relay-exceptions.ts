import type {Facts} from '../../src/core/facts.js';
import {type AccountAnswer, type AllAnswers, accounts, list} from '../../src/core/question.js';
import type {AskContext} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {answer, domainsOf, hostnameOf} from './read.js';
import {hasRow, hostProblem, target} from './relay-wants.js';
import {addressProblem, nameProblem} from './validate.js';

/** Mail that goes another way than all other: for whom, or from whom, and where; without a host, straight to the receiver's server. */
export type Exception = {readonly key: string; readonly host?: string; readonly port?: number};

type Said = Pick<AskContext, 'answers'>;
const own = ({answers}: Said, question: string) =>
  answer<readonly string[]>(answers, 'relay', question) ?? [];

/** What is asked about mail that goes another way. */
export const exceptionQuestions = {
  exceptions: list({
    ask: {
      en: 'Mail for which domains goes another way?',
      ja: '別の経路で送る宛先ドメインはどれですか。',
    },
    help: {
      en: 'DOMAIN=direct for straight to its own server, or DOMAIN=HOST:PORT for another relay.',
      ja: '相手のサーバーに直接送るなら「ドメイン=direct」、別の中継サーバーなら「ドメイン=ホスト:ポート」です。',
    },
    why: {
      en: 'A partner may take mail only from this server itself, or over a link of your own.',
      ja: '相手がこのサーバーからの直接の送信だけを受け付けることがあります。',
    },
    example: 'partner.example=direct',
    level: 'advanced',
    initial: () => [],
    validateItem: (item, {answers}) => {
      const exception = parseException(item, true);
      return exception === undefined
        ? texts.syntax
        : (nameProblem(exception.key) ??
            (domainsOf(answers).includes(exception.key)
              ? fill(texts.ours, {domain: exception.key})
              : undefined) ??
            wayProblem(exception, answers));
    },
    validate: items => twice(items),
  }),
  senders: list({
    ask: {
      en: 'Mail from which senders goes through another relay?',
      ja: '別の中継サーバーで送る差出人はどれですか。',
    },
    help: {
      en: 'ADDRESS=HOST:PORT for one person, @DOMAIN=HOST:PORT for all of a domain.',
      ja: '1 人なら「アドレス=ホスト:ポート」、ドメイン全体なら「@ドメイン=ホスト:ポート」です。',
    },
    why: {
      en: 'A relay may take mail only from addresses of its own customers.',
      ja: '中継サーバーが自社の顧客のアドレスしか受け付けないことがあります。',
    },
    example: '@example.net=relay.example.net:587',
    level: 'advanced',
    initial: () => [],
    validateItem: (item, {answers}) => {
      const exception = parseException(item, false);
      if (exception === undefined) {
        return texts.syntax;
      }

      const {key} = exception;
      return (
        (key.startsWith('@') ? nameProblem(key.slice(1)) : addressProblem(key)) ??
        wayProblem(exception, answers)
      );
    },
    validate: items => twice(items),
  }),
  logins: accounts({
    ask: {en: 'Which logins do those other relays need?', ja: 'それらの中継サーバーへのログインは何ですか。'},
    help: {
      en: 'USER@HOST:PORT and its password, as the relay’s operator gave it; none where no login is needed.',
      ja: '「ユーザー名@ホスト:ポート」と、管理者から受け取ったパスワードです。認証が不要なら「なし」です。',
    },
    why: {
      en: 'Each relay takes mail only from those it knows.',
      ja: '中継サーバーは知っている相手からだけ受け取ります。',
    },
    example: 'me@relay.example.net:587',
    nameLabel: {en: 'User@host:port', ja: 'ユーザー名@ホスト:ポート'},
    level: 'advanced',
    when: context => hostsOf(context.answers).length > 0,
    initial: () => [],
    validate: (logins, {answers, facts}) =>
      logins.map(login => loginProblem(login, answers, facts)).find(Boolean) ??
      twice(logins.map(({name}) => name.slice(name.lastIndexOf('@')))),
    validateSecret: value =>
      value === '' || /^\s|\s$|[\u0000-\u001f\u007f]/.test(value) || value.length > 1024
        ? texts.secret
        : undefined,
  }),
};

/** `KEY=direct` or `KEY=HOST:PORT`; a host of IPv6 in brackets. */
export const parseException = (item: string, mayBeDirect: boolean): Exception | undefined => {
  const [, key, way = ''] = /^([^\s=]+)=(\S+)$/.exec(item.trim()) ?? [];
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(way) ?? [];
  const host = bracketed ?? plain;
  return key === undefined
    ? undefined
    : way === 'direct' && mayBeDirect
      ? {key}
      : host === undefined
        ? undefined
        : {key, host, port: Number(port)};
};

// The way of an exception starts in clear and switches by STARTTLS; a port that speaks TLS from the first byte never answers it.
const wayProblem = ({host, port}: Exception, answers: AllAnswers): Text | undefined =>
  host === undefined
    ? undefined
    : port === 465
      ? texts.wrapper
      : port === undefined || port < 1 || port > 65_535 || port === 22
        ? texts.port
        : hostProblem(host, hostnameOf(answers));

const loginProblem = ({name, password}: AccountAnswer, answers: AllAnswers, facts: Facts) => {
  const login = parseLogin(name);
  return login === undefined || /[\s:]/.test(login.user)
    ? texts.login
    : !hostsOf(answers).includes(login.relay)
      ? fill(texts.unused, {relay: login.relay})
      : password === 'generate' || (password === 'keep' && !hasRow(facts, login.relay))
        ? texts.nothingToKeep
        : undefined;
};

/** `USER@HOST:PORT`, where the user may have an @ too. */
export const parseLogin = (name: string) => {
  const at = name.lastIndexOf('@');
  const relay = parseException(`x=${name.slice(at + 1)}`, false);
  return at < 1 || relay === undefined
    ? undefined
    : {user: name.slice(0, at), relay: target(relay.host, relay.port)};
};

const twice = (items: readonly string[]) => {
  const keys = items.map(item => item.split('=', 1)[0]);
  return new Set(keys).size < keys.length ? texts.twice : undefined;
};

/** Mail for some domains. */
export const exceptionsIn = (answers: AllAnswers) =>
  own({answers}, 'exceptions').flatMap(item => parseException(item, true) ?? []);

/** Mail from some senders. */
export const sendersIn = (answers: AllAnswers) =>
  own({answers}, 'senders').flatMap(item => parseException(item, false) ?? []);

const hostsOf = (answers: AllAnswers) =>
  [...exceptionsIn(answers), ...sendersIn(answers)].flatMap(({host, port}) =>
    host === undefined ? [] : [target(host, port)],
  );

const texts = {
  syntax: {
    en: 'Write it as NAME=direct or NAME=HOST:PORT.',
    ja: '「名前=direct」または「名前=ホスト:ポート」の形で書いてください。',
  },
  ours: {en: 'Mail for {domain} stays here.', ja: '{domain} 宛のメールはここに届きます。'},
  wrapper: {
    en: 'Port 465 cannot be used for an exception: name 587 or 25 of that host.',
    ja: '例外にポート 465 は使えません。そのホストの 587 か 25 を指定してください。',
  },
  port: {en: 'That is no port for mail.', ja: 'メール用のポートではありません。'},
  twice: {en: 'One of them is named twice.', ja: '同じものが重複しています。'},
  login: {
    en: 'Write it as USER@HOST:PORT, without blanks and with no colon in the user’s name.',
    ja: '「ユーザー名@ホスト:ポート」の形で、空白なし、ユーザー名にコロンなしで書いてください。',
  },
  unused: {
    en: 'No exception goes through {relay}.',
    ja: '{relay} を使う例外はありません。',
  },
  nothingToKeep: {
    en: 'This machine has no password for that relay yet: give one.',
    ja: 'この中継サーバーのパスワードはまだありません。指定してください。',
  },
  secret: {
    en: 'It must not be empty, have no blank at either end, no control characters, and at most 1024 characters.',
    ja: '空、先頭や末尾の空白、制御文字、1024 文字超は使えません。',
  },
} satisfies Record<string, Text>;
