import type {Text} from './text.js';

/** Words that every list of stolen passwords begins with; a password that is one of them with digits around it is no password. */
const common =
  'password passwort passw0rd p@ssword qwerty qwertz azerty qwertyuiop asdfghjkl zxcvbnm letmein welcome admin administrator iloveyou monkey dragon sunshine princess football baseball superman batman master login hello freedom whatever trustno1 starwars shadow michael jennifer changeme default secret geheim mailserver dovecot postfix'.split(
    ' ',
  );

/** Why a password is refused; undefined where it is good enough. `user` is the name to log in with. */
export const passwordProblem = (password: string, user?: string): Text | undefined => {
  if (/[\u0000-\u001f\u007f]/.test(password)) {
    return texts.control;
  }

  if (password.normalize('NFC') !== password) {
    return texts.form;
  }

  if ([...password].length < 10) {
    return texts.short;
  }

  // bcrypt reads no more (crypt(5)): what is cut off would not be asked for either.
  if (new TextEncoder().encode(password).length > 72) {
    return texts.long;
  }

  const plain = password.toLowerCase();
  const name = user?.toLowerCase();
  if (name !== undefined && (plain === name || plain === name.split('@')[0])) {
    return texts.name;
  }

  const core = plain.replaceAll(/^[\d\W_]+|[\d\W_]+$/g, '');
  return common.includes(core) || new Set(plain).size < 4 || isRun(plain) ? texts.common : undefined;
};

// 0123456789, abcdefghij and their like, forwards or backwards.
const isRun = (text: string) =>
  [1, -1].some(step =>
    [...text].every(
      (character, index) => index === 0 || character.charCodeAt(0) - text.charCodeAt(index - 1) === step,
    ),
  );

const texts = {
  short: {en: 'A password needs at least 10 characters.', ja: 'パスワードは 10 文字以上必要です。'},
  long: {en: 'bcrypt reads no more than 72 bytes.', ja: 'bcrypt は 72 バイトまでしか扱えません。'},
  control: {en: 'Control characters are not allowed.', ja: '制御文字は使えません。'},
  form: {
    en: 'Accented letters must be typed as one character each (Unicode NFC), as mail programs send them.',
    ja: '濁点などは合成済みの文字 (Unicode NFC) で入力してください。',
  },
  name: {en: 'A password must not be the name.', ja: 'ユーザー名と同じパスワードは使えません。'},
  common: {
    en: 'This is one of the first that attackers try.',
    ja: '攻撃者が最初に試すパスワードのひとつです。',
  },
} satisfies Record<string, Text>;
