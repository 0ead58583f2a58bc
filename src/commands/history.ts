import {exitCode} from '../core/exit-code.js';
import {systemOf} from './system-of.js';
import {listTransactions} from '../transaction/store.js';
import {type CommandContext, needRoot} from './context.js';

/** `dovetail history`: every transaction, newest first; `history forget ID` removes one with its secrets. */
export const history = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const all = listTransactions(systemOf(context).files).map(({id, plan, state}) => ({
    id,
    when: plan.made,
    state,
    changes: plan.stages.flatMap(({changes}) => changes).length,
    sections: plan.sections,
    ...(plan.undoes === undefined ? {} : {undoes: plan.undoes}),
    ...(plan.accounts === undefined ? {} : {accounts: plan.accounts}),
  }));
  if (context.options['json'] === true) {
    context.out(JSON.stringify(all, null, 2));
  } else {
    for (const {id, state, changes, sections, undoes, accounts} of all) {
      const what =
        accounts !== undefined
          ? `users ${accounts.act} ${accounts.name}`
          : undoes === undefined
            ? sections.join(' ')
            : `− ${undoes.section} (${undoes.id})`;
      context.out(`${id}  ${state.padEnd(12)} ${String(changes).padStart(3)}  ${what}`);
    }
  }

  return exitCode.done;
};
