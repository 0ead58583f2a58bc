import type {Engine} from './engine.js';

/**
 * An engine that is opened when detection begins, so that the first frame need not wait for it. `open`: rejects where there is
 * nothing to ask; whoever gave it tells the reason, and detection then never ends.
 */
export const deferredEngine = (open: () => Promise<Engine>, outlives: boolean): Engine => {
  let opened: Engine | undefined;
  // Nothing but leaving can be asked for before detection is over.
  const engine = () => {
    if (opened === undefined) {
      throw new Error('the machine has not been looked at yet');
    }

    return opened;
  };
  return {
    outlives,
    detect: async () => {
      opened ??= await open().catch(async () => new Promise<never>(() => undefined));
      return opened.detect();
    },
    hold: value => engine().hold(value),
    generate: () => engine().generate(),
    prestage: answers => engine().prestage(answers),
    liveCheck: async (check, signal) => engine().liveCheck(check, signal),
    look: async look => engine().look(look),
    plan: async (answers, scope, say) => engine().plan(answers, scope, say),
    apply: async (plan, onEvent) => engine().apply(plan, onEvent),
    interrupt: () => engine().interrupt(),
    detach: () => opened?.detach(),
    attach: async onEvent => engine().attach(onEvent),
    rollback: async (request, onEvent) => engine().rollback(request, onEvent),
    confirm: async () => engine().confirm(),
    recover: async onEvent => engine().recover(onEvent),
    handover: answers => opened?.handover(answers) ?? [],
    saveProgress: answers => opened?.saveProgress(answers),
    forgetProgress: () => opened?.forgetProgress(),
    saveDiff: async (plan, path) => engine().saveDiff(plan, path),
  };
};
