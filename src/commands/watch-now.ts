import {join} from 'node:path';
import {complete} from '../answers/complete.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {adoptAll} from '../engine/adopt.js';
import {prove} from '../engine/prove.js';
import {watchFindings} from '../engine/watch-findings.js';
import {compareFindings, type Known, watchLetter} from '../engine/watch-report.js';
import {applicable, contextOf} from '../planner/wants.js';
import type {Files} from '../system/types.js';
import {lockHolder} from '../transaction/lock.js';
import {openStore, stateFolder} from '../transaction/store.js';
import {steps} from '../../steps/index.js';
import {type CommandContext, openMachine} from './context.js';

const memory = `${stateFolder}/watch.json`;

/** Milliseconds that the first look goes back. */
const firstLook = 3_600_000;

/** Checks the server and mails what changed since the last time; a timer made for it runs this. */
export const watchNow = async (context: CommandContext): Promise<number> => {
  if (!context.root) {
    return exitCode.needsRootOrTerminal;
  }

  const [to = ''] = context.args;
  const {system, facts, platform, vault} = await openMachine(context, {reading: true});
  // What is half made is nobody's fault.
  if (lockHolder(join(system.tree, `${stateFolder}/lock`)) !== undefined) {
    return exitCode.done;
  }

  const began = new Date();
  const {at, known} = recall(system.files);
  const answers = complete(steps, adoptAll(steps, facts, platform), {facts, platform});
  const scenario = {steps, facts, platform, answers};
  const probes = applicable(scenario).flatMap(step => step.probes(contextOf(scenario, step, {})));
  const found = [
    ...(await prove(probes, {
      system,
      facts,
      open: vault.open,
      since: at.toISOString(),
      player: context.self,
      onFinding: () => undefined,
    })),
    ...(await watchFindings(system, at)),
  ];
  const events = new Set([
    'watch:logins',
    ...probes.flatMap(({id, kind}) => (kind === 'log-quiet' || kind === 'selinux-denials' ? [id] : [])),
  ]);
  const compared = compareFindings(known, found, events);
  const host = facts.host.fqdn ?? facts.host.name;
  const letter = watchLetter(compared, {to, host, lang: context.lang});
  for (const {summary} of compared.fresh) {
    context.out(summary[context.lang]);
  }

  if (letter !== undefined) {
    const {exitCode: code, stderr} = await system.run('/usr/sbin/sendmail', ['-i', '--', to], {
      input: letter,
    });
    // Not told, it is not known either: the next look tells it.
    if (code !== 0) {
      throw new ProblemError({
        code: exitCode.internal,
        what: texts.unsent,
        cause: {en: stderr, ja: stderr},
        remedy: texts.unsentRemedy,
      });
    }
  }

  remember(system.files, {at: began.toISOString(), known: compared.next});
  return exitCode.done;
};

const recall = (files: Files): {readonly at: Date; readonly known: Known} => {
  try {
    const {at, known} = JSON.parse(files.read(memory)?.toString('utf8') ?? '') as {at: string; known: Known};
    return {at: new Date(at), known};
  } catch {
    return {at: new Date(Date.now() - firstLook), known: {}};
  }
};

const remember = (files: Files, what: {readonly at: string; readonly known: Known}) => {
  openStore(files);
  const fresh = `${memory}~`;
  if (files.lstat(fresh) !== undefined) {
    files.unlink(fresh);
  }

  files.create(fresh, Buffer.from(JSON.stringify(what)), 0o600);
  files.syncFile(fresh);
  files.rename(fresh, memory);
  files.syncDirectory(stateFolder);
};

const texts = {
  unsent: {en: 'What changed could not be mailed.', ja: '変化をメールで知らせられませんでした。'},
  unsentRemedy: {
    en: 'See whether Postfix runs: “systemctl status postfix”. The next check tries again.',
    ja: 'Postfix が稼働しているか「systemctl status postfix」で確認してください。次回の確認で再試行します。',
  },
} satisfies Record<string, Text>;
