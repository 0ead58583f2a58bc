import {accounts, list, multi, number, secretQuestion, select, text, yesNo} from '../../src/core/question.js';
import {defineStep, type Step} from '../../src/core/step.js';
import {literal} from '../../src/core/text.js';

const words = (name: string) => ({
  ask: {en: `${name}?`, ja: `${name}は?`},
  help: {en: `Help for ${name}.`, ja: `${name}の説明。`},
  why: {en: `It matters for ${name}.`, ja: `${name}に必要です。`},
});

const nothing = {needs: [], owns: [], adopt: () => ({}), plan: () => [], probes: () => []};

const role = defineStep({
  ...nothing,
  id: 'role',
  title: {en: 'Role', ja: '役割'},
  why: literal('role'),
  questions: {
    kind: select({
      ...words('kind'),
      level: 'basic',
      choices: [
        {value: 'complete', label: {en: 'Complete server', ja: '完全なサーバー'}},
        {value: 'null-client', label: {en: 'Null client', ja: 'ヌルクライアント'}},
        {
          value: 'front',
          label: literal('Front'),
          unavailable: () => ({en: 'Postfix is missing', ja: 'Postfix がありません'}),
        },
      ],
      initial: () => 'complete',
    }),
    hostname: text({
      ...words('hostname'),
      level: 'basic',
      example: 'mail.example.com',
      initial: ({facts}) => facts.host.fqdn,
      validate: value =>
        value.includes('.')
          ? undefined
          : {en: 'A whole name has a dot.', ja: '完全な名前にはドットが必要です。'},
      caution: value =>
        value.endsWith('.local') ? {en: 'Nobody outside knows it.', ja: '外部から見えません。'} : undefined,
    }),
    domains: list({
      ...words('domains'),
      level: 'basic',
      when: ({answers}) => answers['role']?.['kind'] !== 'null-client',
      initial: ({answers}) => {
        const name = answers['role']?.['hostname'];
        return typeof name === 'string' && name.includes('.')
          ? [name.slice(name.indexOf('.') + 1)]
          : undefined;
      },
      validateItem: item =>
        item.includes('.') ? undefined : {en: 'A domain has a dot.', ja: 'ドメインにはドットが必要です。'},
    }),
    quota: number({...words('quota'), level: 'advanced', min: 1, max: 100, initial: () => 10}),
  },
});

const mail = defineStep({
  ...nothing,
  id: 'auth-passwdfile',
  title: {en: 'Accounts', ja: 'アカウント'},
  why: literal('mail'),
  applies: (_facts, all) => all['role']?.['kind'] !== 'null-client',
  questions: {
    accounts: accounts({
      ...words('accounts'),
      level: 'basic',
      initial: () => undefined,
      validate: value =>
        value.every(({name}) => name.includes('@'))
          ? undefined
          : {en: 'An address has an @.', ja: 'アドレスには @ が必要です。'},
      validateSecret: value =>
        value.length < 10 ? {en: 'Ten characters at least.', ja: '10 文字以上必要です。'} : undefined,
    }),
    services: multi({
      ...words('services'),
      level: 'basic',
      choices: [
        {value: 'imap', label: literal('IMAP')},
        {value: 'pop3', label: literal('POP3')},
      ],
      initial: () => ['imap'],
    }),
    strict: yesNo({...words('strict'), level: 'advanced', initial: () => true}),
  },
});

const relay = defineStep({
  ...nothing,
  id: 'relay',
  title: {en: 'Outgoing mail', ja: '送信'},
  why: literal('relay'),
  questions: {
    how: select({
      ...words('how'),
      level: 'basic',
      choices: [
        {value: 'direct', label: {en: 'Directly', ja: '直接'}},
        {value: 'smarthost', label: {en: 'Through a relay', ja: '中継'}},
      ],
      initial: () => 'direct',
    }),
    host: text({
      ...words('host'),
      level: 'basic',
      when: ({answers}) => answers['relay']?.['how'] === 'smarthost',
      initial: () => undefined,
      live: host => ({kind: 'smtp-reachable', host, port: 587}),
    }),
    password: secretQuestion({
      ...words('password'),
      level: 'basic',
      canGenerate: false,
      when: ({answers}) => answers['relay']?.['how'] === 'smarthost',
      initial: () => undefined,
    }),
  },
});

/** Three small sections with every kind of question; the real ones change too often to test a front end with. */
export const sampleSteps = [role, mail, relay] as unknown as readonly Step[];

/** The same; the host of the relay is chosen from what a look at the world finds. */
export const offeringSteps: readonly Step[] = sampleSteps.map(step =>
  step.id === 'relay'
    ? {
        ...step,
        questions: {
          ...step.questions,
          host: text({
            ...words('host'),
            level: 'basic',
            when: ({answers}) => answers['relay']?.['how'] === 'smarthost',
            initial: () => undefined,
            validate: host =>
              /^[a-z.]+$/.test(host) ? undefined : {en: 'That is no name.', ja: '名前ではありません。'},
            offers: () => ({kind: 'sql-names', source: {engine: 'sqlite', file: '/hosts'}}),
          }),
        },
      }
    : step,
);
