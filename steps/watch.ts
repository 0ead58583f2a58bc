import {watchFiles, watchProgram, watchUnits} from '../src/core/watch-files.js';
import {select, text, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {watchService, watchTimer} from '../templates/watch-units.js';
import {answer, hasPostfix} from './lib/read.js';
import {adminOf} from './lib/role-mail.js';
import {addressProblem} from './lib/validate.js';

const [serviceFile = '', timerFile = ''] = watchFiles;
const isOn = ({answers}: {readonly answers: Parameters<typeof adminOf>[0]}) =>
  answer<boolean>(answers, 'watch', 'on') === true;

/** The checks are made again and again, and who runs the server hears of it when something changes. */
export const watch = defineStep({
  id: 'watch',
  side: 'postfix',
  title: {en: 'Watching the server', ja: 'サーバーの監視'},
  why: {
    en: 'A certificate that ends or a queue that grows is noticed by users first, unless something looks.',
    ja: '証明書の失効や滞留は、監視しなければ利用者が先に気付きます。',
  },
  needs: ['role', 'smtp'],
  owns: [...watchFiles.map(path => `path:${path}`), `unit:${watchUnits.timer}`],
  applies: (_facts, all) => hasPostfix(all),
  questions: {
    on: yesNo({
      ask: {
        en: 'Check the server regularly, and mail what changed?',
        ja: '定期的に確認し、変化があればメールで知らせますか。',
      },
      help: {
        en: 'Certificate, services, files, queue, relay, failed logins. No mail is sent while all is well.',
        ja: '証明書、サービス、ファイル、キュー、中継、ログイン失敗です。問題がなければ何も送りません。',
      },
      why: {
        en: 'What is found early is mended before mail is lost.',
        ja: '早く気付けば、メールが失われる前に直せます。',
      },
      level: 'advanced',
      initial: () => false,
    }),
    to: text({
      ask: {en: 'Who is told?', ja: '誰に知らせますか。'},
      help: {
        en: 'An address elsewhere is told even when this server delivers nothing.',
        ja: '外部のアドレスなら、このサーバーが配送できない時にも届く可能性があります。',
      },
      why: {en: 'Somebody has to read it.', ja: '読む人が必要です。'},
      example: 'anna@example.com',
      level: 'advanced',
      when: isOn,
      initial: ({answers}) => adminOf(answers),
      validate: to => addressProblem(to),
    }),
    when: select({
      ask: {en: 'How often?', ja: 'どのくらいの間隔ですか。'},
      help: {
        en: 'A check takes about a minute, and steps back for other work.',
        ja: '1 回の確認は約 1 分で、ほかの処理を優先します。',
      },
      why: {en: 'So much later is a change noticed.', ja: '変化に気付くまでの時間になります。'},
      level: 'advanced',
      when: isOn,
      choices: [
        {value: 'hourly', label: {en: 'Every hour', ja: '毎時'}},
        {value: 'daily', label: {en: 'Every day', ja: '毎日'}},
      ],
      initial: () => 'hourly',
    }),
    language: select({
      ask: {en: 'In which language?', ja: 'どの言語で知らせますか。'},
      help: {en: 'Of the mails.', ja: 'メールの言語です。'},
      why: {en: 'Whoever reads them has to understand.', ja: '読む人が理解できる必要があります。'},
      level: 'advanced',
      when: isOn,
      choices: [
        {value: 'en', label: {en: 'English', ja: '英語'}},
        {value: 'ja', label: {en: 'Japanese', ja: '日本語'}},
      ],
      initial: () => 'en',
    }),
  },
  adopt: ({files}) => {
    const service = files[serviceFile];
    if (service === undefined) {
      return {on: false};
    }

    const [, to, language] = /"watch-now" "([^"\s]+)" "--lang" "(en|ja)"/.exec(service) ?? [];
    const when = /^OnCalendar=(hourly|daily)$/m.exec(files[timerFile] ?? '')?.[1];
    return to === undefined || when === undefined
      ? {}
      : {
          on: true,
          to: to.replaceAll('%%', '%'),
          when: when as 'hourly' | 'daily',
          language: language as 'en' | 'ja',
        };
  },
  plan: ({answers, all, facts}): readonly Want[] => {
    const to = answers.to ?? adminOf(all);
    if (answers.on === true && to !== undefined) {
      const own = {owner: 'root', group: 'root', mode: 0o644, state: 'present'} as const;
      const service = watchService(watchProgram, to, answers.language ?? 'en', facts.platformNamed);
      return [
        {kind: 'file', path: serviceFile, content: [{text: service}], ...own},
        {kind: 'file', path: timerFile, content: [{text: watchTimer(answers.when ?? 'hourly')}], ...own},
        {kind: 'service', unit: watchUnits.timer, state: 'present'},
      ];
    }

    return answers.on === false && facts.files[timerFile] !== undefined
      ? [
          {kind: 'service', unit: watchUnits.timer, state: 'absent'},
          {kind: 'file', path: timerFile, state: 'absent'},
          {kind: 'file', path: serviceFile, state: 'absent'},
        ]
      : [];
  },
  probes: ({answers}) =>
    answers.on === true
      ? [
          {
            id: 'watch:timer',
            section: 'watch',
            kind: 'watching',
            unit: watchUnits.timer,
            program: watchProgram,
          },
        ]
      : [],
  notes: ({answers, all}) =>
    answers.on === true && (answers.to ?? adminOf(all)) === undefined
      ? [
          {
            id: 'watch:nobody',
            section: 'watch',
            severity: 'warning',
            summary: texts.nobody,
            remedy: texts.nobodyRemedy,
          },
        ]
      : [],
});

const texts = {
  nobody: {
    en: 'Nobody would be told what changed, so nothing is watched.',
    ja: '知らせる相手がいないため、監視しません。',
  },
  nobodyRemedy: {en: 'Answer who is told (watch.to).', ja: '知らせる相手を指定してください (watch.to)。'},
} satisfies Record<string, Text>;
