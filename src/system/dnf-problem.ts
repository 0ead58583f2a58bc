import type {ProblemError} from '../core/finding.js';
import {packageProblem, type PackageTrouble, usual} from './package-problem.js';
import type {RunResult} from './types.js';

/** Why dnf(8) failed, as a problem with the remedy that fits; dnf's own last words are its cause. */
export const dnfProblem = ({stdout, stderr}: Pick<RunResult, 'stdout' | 'stderr'>): ProblemError => {
  const said = `${stdout}\n${stderr}`;
  const lines = stderr.split('\n').filter(line => line.trim() !== '');
  const reasons = lines.filter(line => /error|fail|problem|no match|not|curl|^\s*-/i.test(line));
  const reason = (reasons.length > 0 ? reasons : lines).slice(-4).join(' ').slice(0, 600);
  return packageProblem(said, reason, troubles);
};

// In the order in which one causes the other.
const troubles: readonly PackageTrouble[] = [
  {
    pattern:
      /can't create transaction lock|Existing lock \S+: another copy|Failed to obtain the transaction lock/,
    ...usual.inUse,
  },
  {
    pattern: /No space left on device|more space needed on|needs \d+[KMG]?B? more space|Disk Requirements/,
    ...usual.full,
  },
  {
    // Registered without a subscription, its servers refuse (cdn.redhat.com); a mirror of one's own that does so is another matter.
    pattern:
      /not registered (?:with an entitlement server|to Red Hat)|entitlement server, but is not receiving updates|no (?:valid|active) subscription|Status code: 40[13] for https:\/\/cdn\.redhat\.com/i,
    what: {
      en: 'This system has no subscription, so that it has no package sources.',
      ja: 'サブスクリプションが登録されていないため、パッケージの取得元がありません。',
    },
    remedy: {
      en: 'Register it (“subscription-manager register”), or add a package source of your own, then try again.',
      ja: '「subscription-manager register」で登録するか取得元を追加し、再実行してください。',
    },
  },
  {
    pattern: /no enabled repositor/i,
    what: {
      en: 'No package source is switched on.',
      ja: '有効なパッケージの取得元がありません。',
    },
    remedy: {
      en: 'See “dnf repolist --all”, and switch BaseOS and AppStream on.',
      ja: '「dnf repolist --all」を確認し、BaseOS と AppStream を有効にしてください。',
    },
  },
  {
    pattern:
      /GPG check FAILED|Public key for .* is not installed|GPG key retrieval failed|Failed to retrieve GPG key|are already installed but they are not correct|is not signed|GPG signature verification error|Couldn't open file \S*GPG/i,
    what: {
      en: 'The signature of a package or of its source cannot be trusted.',
      ja: 'パッケージまたは取得元の署名を信頼できません。',
    },
    remedy: {
      en: 'See that the key which the source names (“gpgkey”) is there and the right one, and that the clock is; never switch the check off.',
      ja: '取得元の鍵 (「gpgkey」) と時計を確認してください。検証は無効にしないでください。',
    },
  },
  {
    pattern:
      /checksum doesn't match|Status code: 404 for \S+\.rpm|metadata.*(?:expired|outdated)|Cache-only enabled/i,
    what: {
      en: 'What is known of a package source is out of date.',
      ja: '取得元のメタデータが古くなっています。',
    },
    remedy: {
      en: 'Renew it (“dnf clean metadata”, “dnf makecache”), then try again.',
      ja: '「dnf clean metadata」「dnf makecache」で更新し、再実行してください。',
    },
  },
  {
    pattern:
      /Failed to download metadata|Cannot download repomd|Cannot prepare internal mirrorlist|Curl error|No more mirrors to try|Errors during downloading|Status code: [45]\d\d/,
    ...usual.unreachable('dnf.conf'),
  },
  {
    pattern: /filtered out by exclude filtering/,
    what: {
      en: 'A package that is needed is held back here.',
      ja: '必要なパッケージがこのシステムで除外されています。',
    },
    remedy: {
      en: 'See “dnf versionlock list” and “exclude” in dnf.conf and in the package sources; they are left as they are.',
      ja: '「dnf versionlock list」、dnf.conf と取得元の「exclude」を確認してください (変更はしません)。',
    },
  },
  {
    pattern: /filtered out by modular filtering/,
    what: {
      en: 'A package that is needed is hidden by a module stream.',
      ja: '必要なパッケージがモジュールストリームにより隠されています。',
    },
    remedy: {
      en: 'See “dnf module list --enabled”, and choose the stream that has it.',
      ja: '「dnf module list --enabled」を確認し、含まれるストリームを選んでください。',
    },
  },
  {
    pattern: /No match for argument|Unable to find a match/,
    what: usual.missing,
    remedy: {
      en: 'See that BaseOS and AppStream are among the package sources (“dnf repolist”).',
      ja: '取得元に BaseOS と AppStream があるか「dnf repolist」で確認してください。',
    },
  },
  {
    pattern: /protected packages|conflicting requests|nothing provides|conflicts with|cannot install/i,
    what: {
      en: 'What is needed does not go together with what is installed.',
      ja: '必要なものと導入済みのものが両立しません。',
    },
    remedy: {
      en: 'Bring the system up to date (“dnf upgrade”) and look at packages from other sources (“dnf list extras”), then try again.',
      ja: '「dnf upgrade」で更新し、他の取得元のパッケージ (「dnf list extras」) を確認して再実行してください。',
    },
  },
];
