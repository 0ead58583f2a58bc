import {text} from '../../src/core/question.js';
import type {Subject} from '../../src/core/material.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import {addressProblem} from './validate.js';
import {answer, hostnameOf} from './read.js';

const texts = {
  help: {
    en: 'As the authority wants to see it; leave it empty to leave it out.',
    ja: '認証局の指定に合わせます。空のままにすると省きます。',
  },
  why: {
    en: 'Authorities that check the organization compare it with its papers.',
    ja: '組織を審査する認証局は、書類と照合します。',
  },
  country: {
    en: 'Two capital letters (ISO 3166), such as JP.',
    ja: 'JP のような大文字 2 文字 (ISO 3166) で指定してください。',
  },
  plain: {
    en: 'At most 64 characters, without control characters or blanks around them.',
    ja: '制御文字や前後の空白を含まない 64 文字以内で指定してください。',
  },
} satisfies Record<string, Text>;

/** Fields of a request's subject, by the question that asks for each. */
const fields = {
  country: 'C',
  state: 'ST',
  locality: 'L',
  organization: 'O',
  unit: 'OU',
  email: 'email',
} as const satisfies Record<string, keyof Subject>;

// X.520 gives each of these names 64 characters, and locality and state 128; authorities keep to the smaller number.
const plain = (value: string): Text | undefined =>
  value.length > 64 || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value) || value !== value.trim()
    ? texts.plain
    : undefined;

const field = (
  id: keyof typeof fields,
  ask: Text,
  example: string,
  problem: (value: string) => Text | undefined = plain,
) =>
  text({
    ask,
    help: texts.help,
    why: texts.why,
    example,
    level: 'advanced',
    when: ({answers}) => answers['tls']?.['source'] === 'request',
    initial: ({facts}) => facts.certificates?.request?.subject[fields[id]] ?? '',
    validate: value => (value === '' ? undefined : problem(value)),
  });

/** What a request says of the organization that asks (003); each may be left empty. */
export const subjectQuestions = {
  country: field(
    'country',
    {en: 'Country (C) in the request?', ja: '申請に書く国 (C) は何ですか。'},
    'JP',
    value => (/^[A-Z]{2}$/.test(value) ? undefined : texts.country),
  ),
  state: field(
    'state',
    {en: 'State or province (ST) in the request?', ja: '申請に書く都道府県 (ST) は何ですか。'},
    'Tokyo',
  ),
  locality: field(
    'locality',
    {en: 'City (L) in the request?', ja: '申請に書く市区町村 (L) は何ですか。'},
    'Chiyoda-ku',
  ),
  organization: field(
    'organization',
    {en: 'Organization (O) in the request?', ja: '申請に書く組織名 (O) は何ですか。'},
    'Example K.K.',
  ),
  unit: field(
    'unit',
    {en: 'Department (OU) in the request?', ja: '申請に書く部署名 (OU) は何ですか。'},
    'IT',
  ),
  email: field(
    'email',
    {en: 'Mail address in the request?', ja: '申請に書くメールアドレスは何ですか。'},
    'admin@example.com',
    addressProblem,
  ),
};

/** The answers that a subject means. */
export const subjectAnswers = (subject: Subject) => ({
  country: subject.C ?? '',
  state: subject.ST ?? '',
  locality: subject.L ?? '',
  organization: subject.O ?? '',
  unit: subject.OU ?? '',
  email: subject.email ?? '',
});

/** The subject that the answers ask for. */
export const subjectOf = (all: AllAnswers): Subject => ({
  ...Object.fromEntries(
    Object.entries(fields).flatMap(([id, name]) => {
      const value = answer<string>(all, 'tls', id) ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  ),
  CN: hostnameOf(all),
});
