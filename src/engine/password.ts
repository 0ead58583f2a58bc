import {randomInt} from 'node:crypto';

const consonants = 'bcdfghjkmnpqrstvwxz';
const vowels = 'aeiou';

/** A password that can be read out on the telephone: six syllables and digits in groups, about 75 bits. */
export const generatePassword = () => Array.from({length: 4}, group).join('-');

const group = () =>
  `${pick(consonants)}${pick(vowels)}${pick(consonants)}${pick(vowels)}${randomInt(100).toString().padStart(2, '0')}`;

const pick = (letters: string) => letters[randomInt(letters.length)] ?? '';
