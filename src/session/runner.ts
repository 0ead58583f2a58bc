import {exitCode} from '../core/exit-code.js';
import {type Problem, ProblemError} from '../core/finding.js';
import {literal, visibleLine} from '../core/text.js';
import type {Engine} from './engine.js';
import {reduce} from './reduce.js';
import {type Action, type Effect, initialState, type Request, type State} from './state.js';

/** A session that is under way: front ends read its state, send actions and are told of changes. */
export type Session = {
  readonly state: () => State;
  readonly dispatch: (action: Action) => void;
  /** Calls back after each change; returns what stops that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Resolves when the session has ended; nothing in this process can change the machine any more. */
  readonly ended: Promise<Extract<State['screen'], {at: 'ended'}>>;
};

/** Starts a session: detection begins at once. */
export const startSession = (engine: Engine, request: Omit<Request, 'outlives'>): Session => {
  let state = initialState({...request, outlives: engine.outlives});
  const listeners = new Set<() => void>();
  const live = new Map<number, AbortController>();
  const {promise, resolve} = Promise.withResolvers<Extract<State['screen'], {at: 'ended'}>>();

  const dispatch = (action: Action) => {
    const reduced = reduce(state, action);
    state = reduced.state;
    for (const effect of reduced.effects) {
      void run(effect);
    }

    for (const listener of listeners) {
      listener();
    }

    if (state.screen.at === 'ended') {
      resolve(state.screen);
    }
  };

  const run = async (effect: Effect) => {
    try {
      await perform(effect);
    } catch (error) {
      dispatch({
        type: 'failed',
        problem: problemOf(error),
        ...(effect.type === 'plan' ? {id: effect.id} : {}),
      });
    }
  };

  const perform = async (effect: Effect): Promise<void> => {
    switch (effect.type) {
      case 'detect':
        return dispatch({type: 'detected', scene: await engine.detect()});
      case 'prestage':
        return engine.prestage(effect.answers);
      case 'live':
        return checkLive(effect.id, effect.check);
      case 'cancel-live':
        live.get(effect.id)?.abort();
        return;
      case 'plan': {
        const {id} = effect;
        const result = await engine.plan(effect.answers, effect.scope, line =>
          dispatch({type: 'say', id, line}),
        );
        return dispatch({type: 'planned', id, result});
      }

      case 'apply':
        return engine.apply(effect.plan, event => dispatch({type: 'event', event}));
      case 'interrupt':
        return engine.interrupt();
      case 'detach':
        return engine.detach();
      case 'attach':
        return engine.attach(event => dispatch({type: 'event', event}));
      case 'rollback':
        return engine.rollback(effect.id === undefined ? {} : {id: effect.id}, event =>
          dispatch({type: 'event', event}),
        );
      case 'keep': {
        const problem = await engine.confirm();
        return dispatch({type: 'kept', ...(problem === undefined ? {} : {problem})});
      }

      case 'recover':
        return engine.recover(event => dispatch({type: 'event', event}));
      case 'save-progress':
        return engine.saveProgress(effect.answers);
      case 'forget-progress':
        return engine.forgetProgress();
      case 'save-diff': {
        const problem = await engine.saveDiff(effect.plan, effect.path);
        return dispatch({
          type: 'diff-saved',
          path: effect.path,
          ...(problem === undefined ? {} : {problem}),
        });
      }
    }
  };

  // A check that cannot be made is a finding too: it can be overruled like any other.
  const checkLive = async (id: number, check: Extract<Effect, {type: 'live'}>['check']) => {
    const controller = new AbortController();
    live.set(id, controller);
    try {
      const findings = await engine.liveCheck(check, controller.signal);
      dispatch({type: 'live', id, findings});
    } catch (error) {
      const {what, remedy} = problemOf(error);
      dispatch({
        type: 'live',
        id,
        findings: [{id: `live:${check.kind}`, severity: 'fail', summary: what, remedy}],
      });
    } finally {
      live.delete(id);
    }
  };

  void run({type: 'detect'});
  return {
    state: () => state,
    dispatch,
    subscribe: listener => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ended: promise,
  };
};

const problemOf = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : {
        code: exitCode.internal,
        what: literal(visibleLine(error instanceof Error ? error.message : String(error))),
        remedy: {
          en: 'This is a mistake in dovetail. Run it again with “--verbose” and report what it prints.',
          ja: 'dovetail の不具合です。「--verbose」を付けて再実行し、出力を報告してください。',
        },
      };
