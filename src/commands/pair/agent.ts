import {text as readAll} from 'node:stream/consumers';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError, type Problem} from '../../core/finding.js';
import {isEmpty} from '../../core/plan.js';
import type {Outcome} from '../../core/run-event.js';
import {type Text, visibleLine} from '../../core/text.js';
import {answersOf, type Bundle, readBundle} from '../../engine/pair/bundle.js';
import type {SideState} from '../../engine/pair/decide.js';
import {type FolderReport, foldersOf, type SideReport, sideReport} from '../../engine/pair/report.js';
import {printer} from '../apply.js';
import {type CommandContext, needRoot, openMachine} from '../context.js';
import {printPlan} from '../plan.js';
import {systemOf} from '../system-of.js';
import {applySide, confirmSide, digestOf, planSide, stateOf, undoSide} from './side.js';

/** What the other server is asked to do, on standard input: it may hold the secrets of the pair. */
export type AgentRequest =
  | {readonly act: 'report'}
  | {readonly act: 'counts'}
  | {readonly act: 'plan'; readonly bundle: Bundle; readonly id: string}
  | {
      readonly act: 'apply';
      readonly bundle: Bundle;
      readonly id: string;
      /** Of the plan that was reviewed. */
      readonly digest: string;
      readonly within: number;
    }
  | {readonly act: 'state' | 'confirm' | 'undo'; readonly id: string; readonly nothingToDo: boolean};

/** What it answers, on standard output; progress is on standard error. */
export type AgentReply =
  | {readonly t: 'report'; readonly report: SideReport}
  | {readonly t: 'counts'; readonly folders: readonly FolderReport[]}
  | {
      readonly t: 'plan';
      readonly empty: boolean;
      readonly digest: string;
      readonly lines: readonly string[];
    }
  | {readonly t: 'apply'; readonly outcome: Outcome}
  | {readonly t: 'state'; readonly state: SideState}
  | {readonly t: 'problem'; readonly problem: Problem};

/** `dovetail pair-agent`: one request of the other server, which came in over SSH as root. */
export const pairAgent = async (context: CommandContext): Promise<number> => {
  const aside = {...context, out: context.err};
  const reply = async (): Promise<AgentReply> => {
    try {
      needRoot(context);
      return await answer(aside, JSON.parse(await readAll(process.stdin)) as AgentRequest);
    } catch (error) {
      const problem =
        error instanceof ProblemError
          ? error.problem
          : {
              code: exitCode.internal,
              what: texts.failed,
              cause: {en: visibleLine(String(error)), ja: visibleLine(String(error))},
              remedy: texts.failedRemedy,
            };
      return {t: 'problem', problem};
    }
  };
  context.out(JSON.stringify(await reply()));
  return exitCode.done;
};

const answer = async (context: CommandContext, request: AgentRequest): Promise<AgentReply> => {
  switch (request.act) {
    case 'report': {
      const {system, facts, platform} = await openMachine(context);
      return {t: 'report', report: await sideReport(system, facts, platform)};
    }
    case 'counts':
      return {t: 'counts', folders: await foldersOf(systemOf(context))};
    case 'plan':
    case 'apply':
      return planned(context, request);
    case 'state':
    case 'confirm':
    case 'undo': {
      const system = systemOf(context);
      const {id, nothingToDo} = request;
      if (!nothingToDo && request.act === 'confirm') {
        await confirmSide(context, system, id);
      } else if (!nothingToDo && request.act === 'undo') {
        await undoSide(context, system, id, printer(context, 0));
      }

      return {t: 'state', state: stateOf(system, id, nothingToDo)};
    }
  }
};

const planned = async (
  context: CommandContext,
  request: Extract<AgentRequest, {act: 'plan' | 'apply'}>,
): Promise<AgentReply> => {
  const machine = await openMachine(context);
  const bundle = readBundle(JSON.stringify(request.bundle));
  const side = await planSide(context, machine, answersOf(bundle, machine.vault), request.id);
  const digest = digestOf(side.plan);
  if (request.act === 'plan') {
    const lines: string[] = [];
    printPlan(side.plan, {lang: context.lang, out: line => void lines.push(line)});
    side.close();
    return {t: 'plan', empty: isEmpty(side.plan), digest, lines};
  }

  if (digest !== request.digest) {
    side.close();
    throw new ProblemError({code: exitCode.stalePlan, what: texts.stale, remedy: texts.staleRemedy});
  }

  const total = side.plan.stages.flatMap(({changes}) => changes).length;
  const outcome = await applySide(context, machine, side, request.within, printer(context, total));
  return {t: 'apply', outcome};
};

const texts = {
  failed: {en: 'The other dovetail failed.', ja: '相手側の dovetail でエラーが発生しました。'},
  failedRemedy: {
    en: 'Run “dovetail status” there; nothing else was begun.',
    ja: '相手側で「dovetail status」を確認してください。',
  },
  stale: {
    en: 'The other server is not as it was when the plan was shown; nothing was changed there.',
    ja: '計画の表示後に相手側の状態が変わりました。相手側では何も変更していません。',
  },
  staleRemedy: {en: 'Run it again and look at the new plan.', ja: '再実行して新しい計画を確認してください。'},
} satisfies Record<string, Text>;
