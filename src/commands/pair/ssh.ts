import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {secret} from '../../core/secret.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import type {System} from '../../system/types.js';
import type {AgentReply, AgentRequest} from './agent.js';

/** Where the other server's SSH is, and its dovetail. */
export type Target = {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly program: string;
};

/** Reads `[user@]host`; what ssh(1) could take for an option, or a shell for more than a word, is refused. */
export const targetOf = (said: string, port: string | undefined, program: string): Target => {
  const [, user = 'root', host = ''] =
    /^(?:([a-z_][a-z0-9_-]{0,31})@)?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/.exec(said) ?? [];
  const number = port === undefined ? 22 : /^\d{1,5}$/.test(port) ? Number(port) : 0;
  const reason =
    host === ''
      ? texts.host
      : number < 1 || number > 65_535
        ? texts.port
        : /^\/[\w./-]+$/.test(program)
          ? undefined
          : texts.program;
  if (reason !== undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.target, {said: visibleLine(said)}),
      cause: reason,
      remedy: texts.targetRemedy,
    });
  }

  return {user, host, port: number, program};
};

/** What came of asking the other server: its reply, or that nobody knows whether it heard. */
export type Asked = AgentReply | {readonly t: 'lost'; readonly words: string; readonly code: number | null};

/**
 * Runs dovetail on the other server, as the user there that may. Keys alone (BatchMode), the host key must be known, and the request
 * goes in by standard input. Where the connection breaks, what was begun there goes on.
 */
export const askPartner = async (
  system: System,
  target: Target,
  request: AgentRequest,
  {lang, tell}: {readonly lang: 'en' | 'ja'; readonly tell: (line: string) => void},
): Promise<Asked> => {
  const agent = process.env['SSH_AUTH_SOCK'];
  const {
    exitCode: code,
    stdout,
    stderr,
  } = await system.run(
    '/usr/bin/ssh',
    [
      '-T',
      ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ClearAllForwardings=yes', 'ForwardAgent=no'].flatMap(
        option => ['-o', option],
      ),
      ...['ConnectTimeout=15', 'ServerAliveInterval=10', 'ServerAliveCountMax=3'].flatMap(option => [
        '-o',
        option,
      ]),
      '-p',
      String(target.port),
      '-l',
      target.user,
      '--',
      target.host,
      // A login shell reads this as words: each was looked at.
      `${target.program} pair-agent --lang ${lang}`,
    ],
    {
      input: secret(JSON.stringify(request)),
      timeout: 30 * 60_000,
      limit: 64 * 1024 * 1024,
      ...(agent === undefined ? {} : {env: {SSH_AUTH_SOCK: agent}}),
      onLine: line => !line.startsWith('{"t":') && tell(line),
    },
  );
  const line = stdout.split('\n').findLast(candidate => candidate.startsWith('{"t":'));
  try {
    return JSON.parse(line ?? '') as AgentReply;
  } catch {
    return {t: 'lost', code, words: visibleLine(stderr.trim().split('\n').at(-1) ?? '')};
  }
};

/** Why the other server could not be asked, before anything was begun. */
export const unreachable = (
  target: Target,
  {words, code}: {readonly words: string; readonly code: number | null},
) =>
  new ProblemError({
    code: exitCode.networkOrPackages,
    what: fill(texts.unreachable, {host: target.host}),
    cause: fill(texts.said, {words}),
    remedy:
      code === 127 || /not found|No such file/.test(words)
        ? fill(texts.programRemedy, {program: target.program})
        : /host key|verification failed/i.test(words)
          ? fill(texts.keyRemedy, {host: target.host})
          : fill(texts.unreachableRemedy, {user: target.user, host: target.host}),
  });

const texts = {
  target: {en: 'The partner “{said}” cannot be used.', ja: '相手「{said}」を使えません。'},
  host: {en: 'It is not [user@]host.', ja: '[ユーザー@]ホスト の形ではありません。'},
  port: {en: '--ssh-port is a port number.', ja: '--ssh-port にはポート番号を指定してください。'},
  program: {
    en: '--remote is the whole path of dovetail there, without blanks.',
    ja: '--remote には相手側の dovetail の絶対パスを空白なしで指定してください。',
  },
  targetRemedy: {
    en: 'For example: dovetail pair root@mail2.example.com --ssh-port 22',
    ja: '例: dovetail pair root@mail2.example.com --ssh-port 22',
  },
  unreachable: {
    en: 'dovetail could not be run on {host} over SSH; nothing was changed.',
    ja: '{host} の dovetail を SSH 経由で実行できません。何も変更していません。',
  },
  said: {en: 'It said: {words}', ja: '出力: {words}'},
  keyRemedy: {
    en: 'The host key of {host} is not the one that is known here, or none is. Compare its fingerprint with the one that its console shows (ssh-keygen -lf), then put it into /root/.ssh/known_hosts.',
    ja: '{host} のホスト鍵が未登録か、登録と異なります。コンソールで指紋を確認し (ssh-keygen -lf)、/root/.ssh/known_hosts に登録してください。',
  },
  programRemedy: {
    en: 'There must be dovetail at {program} there, or name it with “--remote PATH”.',
    ja: '相手側の {program} に dovetail が必要です。別の場所なら「--remote パス」で指定してください。',
  },
  unreachableRemedy: {
    en: 'Root here must be able to log in as {user}@{host} with a key, without a question (“ssh -o BatchMode=yes”). Or use “--export” here and “--import” there.',
    ja: 'ここの root が {user}@{host} に鍵で、質問なしでログインできる必要があります (「ssh -o BatchMode=yes」)。または「--export」と「--import」を使ってください。',
  },
} satisfies Record<string, Text>;
