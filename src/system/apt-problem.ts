import type {ProblemError} from '../core/finding.js';
import {packageProblem, type PackageTrouble, usual} from './package-problem.js';
import type {RunResult} from './types.js';

/** Why apt-get(8) failed, as a problem with the remedy that fits; apt's own last words are its cause. */
export const aptProblem = ({stdout, stderr}: RunResult): ProblemError => {
  const said = `${stdout}\n${stderr}`;
  const reasons = said.split('\n').filter(line => /^(?:E:|Err:|W: Failed|dpkg: error)/.test(line));
  return packageProblem(said, reasons.slice(-3).join(' ') || stderr.trim(), troubles);
};

// In the order in which one causes the other.
const troubles: readonly PackageTrouble[] = [
  {
    pattern: /Could not get lock|Unable to (?:acquire|lock)/,
    ...usual.inUse,
  },
  {
    pattern: /No space left on device|don't have enough free space/,
    ...usual.full,
  },
  {
    pattern:
      /Temporary failure resolving|Could not resolve|Network is unreachable|Could not connect|Unable to connect|No route to host|connection timed out|Connection failed/i,
    ...usual.unreachable('apt.conf'),
  },
  {
    pattern: /NO_PUBKEY|is not signed|EXPKEYSIG|Release file .* (?:expired|is not valid yet)|BADSIG/,
    what: {
      en: 'The signature of a package source cannot be trusted.',
      ja: 'パッケージの取得元の署名を信頼できません。',
    },
    remedy: {
      en: 'Check this machine’s clock and the keys of its package sources; never switch the check off.',
      ja: '時計と取得元の鍵を確認してください。検証は無効にしないでください。',
    },
  },
  {
    pattern: /Unable to locate package|has no installation candidate|unmet dependencies/,
    what: usual.missing,
    remedy: {
      en: 'See that “main” of this distribution is among the package sources, and that no package is held back.',
      ja: 'ディストリビューションの「main」が取得元にあり、保留中のパッケージがないか確認してください。',
    },
  },
];
