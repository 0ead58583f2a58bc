import {dropSecondNames} from '../changes/beside.js';
import {handlerOf} from '../changes/index.js';
import {oddText} from '../changes/odd-text.js';
import type {ChangeContext, PreviewContext} from '../changes/types.js';
import type {Change} from '../core/change.js';
import {type Finding, type Problem, ProblemError} from '../core/finding.js';
import type {Json} from '../core/json.js';
import type {PlannedChange} from '../core/plan.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import type {Files, System} from '../system/types.js';

export type Simulation = {
  readonly changes: readonly PlannedChange[];
  readonly findings: readonly Finding[];
  /** Takes everything back on the view; findings say what could not be. */
  readonly undo: () => Promise<readonly Finding[]>;
};

/**
 * Planning is a simulation: each change is observed, previewed and carried out on the view before the next one is looked at.
 * No-ops are dropped. `untouched` looks at the view before the first of the others, where there is one.
 */
export const simulate = async (
  changes: readonly Change[],
  system: System,
  context: ChangeContext,
  preview: PreviewContext,
  untouched: () => Promise<unknown> = async () => undefined,
): Promise<Simulation> => {
  const planned: PlannedChange[] = [];
  const findings: Finding[] = [];
  const made: {
    change: Change;
    before: Awaited<ReturnType<ReturnType<typeof handlerOf>['capture']>>;
    after: Awaited<ReturnType<ReturnType<typeof handlerOf>['apply']>>;
  }[] = [];
  const rows = new Set<string>();
  const own = system.ground === 'view' ? {...system, files: ownFiles(system.files)} : system;
  for (const change of changes) {
    const handler = handlerOf(change);
    const odd = oddText(system.files, change, context);
    if (odd?.unread === true) {
      findings.push(uneditable(change, odd));
      continue;
    }

    const seen = await handler.observe(system, change);
    const shown = handler.preview(change, seen, preview);
    // A table or script is compiled again only where its text changes, or where it has never been.
    const idle =
      shown.action === 'none' ||
      ((change.kind === 'map.compile' || change.kind === 'script.compile') &&
        shown.action === 'update' &&
        !rows.has(change.source));
    if (idle) {
      continue;
    }

    if (odd !== undefined) {
      findings.push(uneditable(change, odd));
      continue;
    }

    if (planned.length === 0) {
      await untouched();
    }

    rows.add('path' in change ? change.path : change.id);
    planned.push({change, preview: shown, seen: digestOf(JSON.stringify(seen))});
    try {
      const before = await handler.capture(own, change, context);
      const after = await handler.apply(own, change, before, context);
      dropSecondNames(own.files, change, before as Json, context.transaction);
      made.push({change, before, after});
      findings.push(
        ...(await handler.verify(own, change, after)).filter(({severity}) => severity !== 'unchecked'),
      );
    } catch (error) {
      findings.push(failed(change, error));
    }
  }

  const undo = async () => {
    const left: Finding[] = [];
    for (const {change, before, after} of made.toReversed()) {
      const result = await handlerOf(change).revert(own, change, before, after, context);
      if (result.kind === 'conflict') {
        left.push(result.finding);
      }
    }

    return left;
  };

  return {changes: planned, findings, undo};
};

// An overlay gives a file of several names another inode when it is first written to (overlayfs, “Non-standard behavior”), as if
// somebody had put another file there. It is made the view's own before it is looked at.
const ownFiles = (files: Files): Files => ({
  ...files,
  lstat: path => {
    const stat = files.lstat(path);
    if (stat?.type !== 'file' || stat.nlink < 2) {
      return stat;
    }

    files.chmod(path, stat.mode);
    return files.lstat(path);
  },
});

const uneditable = (change: Change, {what, cause, remedy}: Problem): Finding => ({
  id: `simulate:${change.id}`,
  ...(change.sections[0] === undefined ? {} : {section: change.sections[0]}),
  severity: 'fail',
  summary: what,
  ...(cause === undefined ? {} : {cause}),
  remedy,
});

const failed = (change: Change, error: unknown): Finding => ({
  id: `simulate:${change.id}`,
  ...(change.sections[0] === undefined ? {} : {section: change.sections[0]}),
  severity: 'fail',
  summary: fill(texts.failed, {change: change.id}),
  remedy: texts.remedy,
  ...(error instanceof ProblemError && error.problem.cause !== undefined ? {cause: error.problem.cause} : {}),
  evidence: [visibleLine(String((error as Error).message))],
});

const texts = {
  failed: {
    en: 'The change “{change}” does not work on this machine.',
    ja: '変更「{change}」はこのマシンでは実行できません。',
  },
  remedy: {
    en: 'Nothing was changed. Look at the cause and change the answers.',
    ja: '何も変更していません。原因を確認し、回答を変更してください。',
  },
} satisfies Record<string, Text>;
