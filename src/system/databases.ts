import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {type Secret, secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import type {Databases, Run} from './types.js';

/** Database servers of this machine, as their own administrator, by their own clients and sockets. Statements go in by the input: nothing of them stands in an argument. */
export const localDatabases = (run: Run): Databases => {
  const ask = async (engine: 'mysql' | 'pgsql', database: string | undefined, statements: string) => {
    const [file, args] = clientOf(engine, database);
    return run(file, args, {input: secret(statements), timeout: 30_000});
  };
  return {
    simulated: false,
    look: async (engine, database, statement) => {
      const {exitCode: code, stdout} = await ask(engine, database, statement);
      return code === 0 ? stdout.split('\n').filter(Boolean) : undefined;
    },
    change: async (engine, database, statements: Secret) => {
      const {exitCode: code, stderr} = await ask(engine, database, statements.reveal());
      if (code !== 0) {
        throw new ProblemError({
          code: exitCode.internal,
          what: texts.failed,
          cause: fill(texts.said, {stderr: firstError(stderr)}),
          remedy: texts.remedy,
        });
      }
    },
  };
};

/** Where nothing may be changed: what is there is what the machine shows, and changes are only noted. */
export const simulatedDatabases = (look: Databases['look'] = async () => []): Databases => ({
  simulated: true,
  look,
  change: async () => undefined,
});

// No configuration of somebody's may turn the client elsewhere. TLS means nothing on a socket, and 11.8 would compare the name.
const clientOf = (engine: 'mysql' | 'pgsql', database: string | undefined): [string, readonly string[]] =>
  engine === 'mysql'
    ? [
        'mariadb',
        [
          '--no-defaults',
          '--skip-ssl',
          '--protocol=socket',
          '--batch',
          '--skip-column-names',
          '--raw',
          '--default-character-set=utf8mb4',
          ...(database === undefined ? [] : [`--database=${database}`]),
        ],
      ]
    : [
        '/usr/sbin/runuser',
        [
          '--user',
          'postgres',
          '--',
          '/usr/bin/psql',
          '--no-psqlrc',
          '--quiet',
          '--no-align',
          '--tuples-only',
          '--set=ON_ERROR_STOP=1',
          `--dbname=${database ?? 'postgres'}`,
        ],
      ];

// A server repeats the statement that it did not understand: only the line with the reason is shown.
const firstError = (stderr: string) =>
  stderr
    .split('\n')
    .find(line => /error/i.test(line))
    ?.replace(/ near '.*/s, '') ?? '';

const texts = {
  failed: {
    en: 'The database server of this machine did not do what it was told.',
    ja: 'このマシンのデータベースサーバーが処理を実行できませんでした。',
  },
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {
    en: 'See whether it runs (“systemctl status mariadb postgresql”), then plan again.',
    ja: '動作を確認し (「systemctl status mariadb postgresql」)、計画を作り直してください。',
  },
} satisfies Record<string, Text>;
