import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import type {AllAnswers} from '../../core/question.js';
import type {Text} from '../../core/text.js';
import type {Vault} from '../vault.js';
import type {SideReport} from './report.js';

/** What the other half of a pair is given: how this one is reached, and the secrets of the pair. It never stands in an argument. */
export type Bundle = {
  readonly version: 1;
  readonly partner: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly connections: number;
  readonly tls: 'pair' | 'none';
  readonly password: string;
  readonly certificate?: string;
  readonly key?: string;
  /** What the giving side says of itself. */
  readonly report: SideReport;
};

/** Bytes that a bundle may have: the report names accounts and folders. */
export const bundleLimit = 64 * 1024 * 1024;

/** Reads a bundle that somebody else wrote; values are looked at by the section's own questions afterwards. */
export const readBundle = (text: string): Bundle => {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const strings = ['partner', 'password', 'tls'].every(name => typeof value[name] === 'string');
    const numbers = ['port', 'connections'].every(name => Number.isInteger(value[name]));
    const pem = ['certificate', 'key'].every(
      name => value[name] === undefined || typeof value[name] === 'string',
    );
    const list =
      Array.isArray(value['addresses']) && value['addresses'].every(item => typeof item === 'string');
    if (value['version'] === 1 && strings && numbers && pem && list && isReport(value['report'])) {
      return value as unknown as Bundle;
    }
  } catch {
    // Said below.
  }

  throw new ProblemError({code: exitCode.badAnswers, what: texts.unreadable, remedy: texts.unreadableRemedy});
};

/** The answers of the section `replication` that a bundle means; secrets are held in memory. */
export const answersOf = (bundle: Bundle, vault: Vault): AllAnswers => ({
  replication: {
    mode: 'pair',
    partner: bundle.partner,
    addresses: bundle.addresses,
    port: bundle.port,
    connections: bundle.connections,
    tls: bundle.tls,
    password: vault.hold(bundle.password),
    ...(bundle.certificate === undefined || bundle.key === undefined
      ? {}
      : {
          certificate: vault.hold(bundle.certificate.trim()),
          key: vault.hold(bundle.key.trim()),
        }),
  },
});

const isReport = (value: unknown): boolean => {
  const report = (value ?? {}) as Partial<SideReport>;
  return (
    typeof report.hostname === 'string' &&
    typeof report.clock === 'number' &&
    [report.addresses, report.backends, report.folders, report.messages].every(Array.isArray)
  );
};

const texts = {
  unreadable: {
    en: 'That is not what another dovetail gave for the other half of a pair.',
    ja: 'もう 1 台の dovetail が書き出した、ペアの相手用の内容ではありません。',
  },
  unreadableRemedy: {
    en: 'Make it anew on the other server: “dovetail pair --export FILE”.',
    ja: 'もう 1 台で「dovetail pair --export ファイル」を実行して作り直してください。',
  },
} satisfies Record<string, Text>;
